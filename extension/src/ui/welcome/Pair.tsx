/** Letting this browser in: the agent's dialog and this page show the same code; without a dialog it is typed in a terminal. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, onEvent } from "../../shared/host";
import type { PairCode } from "../../shared/protocol.gen";
import { command } from "../common/command";
import { Button, Form } from "../common/controls";
import { Field } from "../common/fields";
import { RecoveryForm } from "../common/secret";
import { Card, CodeBlock, FaultNotice, Progress } from "../common/show";
import { useAction } from "../common/use";
import { browserLabel } from "./label";

export function Pair(props: {
  recovery: string | undefined;
  /** Told of the recovery phrase that let the browser in here. */
  onRecovered: (recovery: string) => void;
  /** The vault is locked: the dialog that lets this browser in unlocks it as well. */
  locked: boolean;
  profile: string | undefined;
}): JSX.Element {
  const action = useAction();
  const [forgotten, setForgotten] = useState(false);
  const [label, setLabel] = useState(browserLabel);
  const [code, setCode] = useState<PairCode>();
  useEffect(() => {
    const end = new AbortController();
    onEvent("pair.code", setCode, end.signal);
    return () => end.abort();
  }, []);
  const pair = (recovery: string | undefined): void => {
    setCode(undefined);
    void action.run(async signal => {
      const name = label.trim() ? { label: label.trim() } : {};
      await ask("pair", { ...name, ...(recovery ? { secret: { recovery } } : {}) }, signal);
      if (recovery) props.onRecovered(recovery);
    });
  };
  if (forgotten && !action.busy) {
    return (
      <Card>
        <RecoveryForm
          action={action}
          submit="Connect with this phrase"
          onPhrase={pair}
          onBack={() => {
            action.clear();
            setForgotten(false);
          }}
        />
      </Card>
    );
  }
  if (action.busy) {
    return (
      <Card>
        {code ? <Code code={code} profile={props.profile} /> : <Progress label="Asking Keyferry for a code…" />}
        <div>
          <Button onPress={action.cancel}>Stop</Button>
        </div>
      </Card>
    );
  }
  return (
    <Card>
      <p>
        Any program on this computer could pretend to be your browser. So Keyferry works only with browsers that you
        have let in, once each.{props.locked && " Your passphrase, asked for once, does that and unlocks your vault."}
      </p>
      <Form onSubmit={() => pair(props.recovery)}>
        <Field
          label="Name for this browser"
          value={label}
          onInput={setLabel}
          maxLength={60}
          hint="So that you can tell it from others later."
        />
        <FaultNotice fault={action.fault} />
        <div class="row">
          <Button kind="primary" submit autoFocus>
            {action.fault ? "Try again" : "Connect this browser"}
          </Button>
          {props.recovery === undefined && (
            <Button
              kind="quiet"
              onPress={() => {
                action.clear();
                setForgotten(true);
              }}
            >
              Forgot passphrase?
            </Button>
          )}
        </div>
      </Form>
    </Card>
  );
}

/** The code that Keyferry's dialog has to show as well: another program may have asked for the one in sight. */
export function SameCode(props: { code: string }): JSX.Element {
  const spoken = props.code.replace(/\D/g, "").split("").join(" ");
  return (
    <>
      <p>Keyferry has opened a small window of its own. Go on there only if it shows this same code:</p>
      <p class="pair-code">
        <span aria-hidden="true">{props.code}</span>
        <span class="unseen">{spoken}</span>
      </p>
    </>
  );
}

function Code(props: { code: PairCode; profile: string | undefined }): JSX.Element {
  const { code, terminal } = props.code;
  return (
    <div class="stack" role="status">
      {terminal ? (
        <>
          <p>
            No dialog can be shown on this computer. Open a terminal and run this; it asks for your passphrase there:
          </p>
          <CodeBlock code={command(`pair ${code.replace(/\s/g, "")}`, props.profile)} label="the command" />
        </>
      ) : (
        <SameCode code={code} />
      )}
      <Progress label="Waiting for you to confirm. This page goes on by itself." />
    </div>
  );
}
