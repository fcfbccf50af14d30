/** Making the vault: the passphrase is set in Keyferry's own dialog where there is one, else here. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, onEvent } from "../../shared/host";
import type { PairCode, Status } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { NewPassphrase, WaitingForDialog } from "../common/secret";
import { Card, FaultNotice, Progress } from "../common/show";
import { useStrength } from "../common/strength";
import { useAction } from "../common/use";
import { browserLabel } from "./label";
import { SameCode } from "./Pair";

export function MakeVault(props: { status: Status; onMade: (phrase: readonly string[]) => void }): JSX.Element {
  const action = useAction();
  const [here, setHere] = useState(props.status.dialog === "none");
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const [code, setCode] = useState<string>();
  const strength = useStrength(here ? typed : "");
  useEffect(() => {
    const end = new AbortController();
    onEvent("pair.code", (shown: PairCode) => setCode(shown.code), end.signal);
    return () => end.abort();
  }, []);
  const make = (): void => {
    if (here && !(typed && strength.accept)) {
      setMissing(true);
      return;
    }
    setMissing(false);
    setCode(undefined);
    void action.run(async signal => {
      try {
        const label = browserLabel();
        const made = await ask("vault.create", here ? { label, secret: { passphrase: typed } } : { label }, signal);
        setTyped("");
        props.onMade(made.recoveryPhrase);
      } catch (error) {
        if ((error as { name?: string }).name !== "no-dialog") throw error;
        setHere(true);
      }
    });
  };
  return (
    <Card>
      <p>
        The vault is a folder on this computer that only your passphrase opens. Choose one that you can remember and
        that you use nowhere else.
      </p>
      <Form onSubmit={make}>
        {here ? (
          <NewPassphrase
            value={typed}
            onInput={setTyped}
            strength={strength}
            autoFocus
            error={
              missing && !strength.accept
                ? typed
                  ? "Make it harder to guess, then go on."
                  : "Choose a passphrase first."
                : undefined
            }
          />
        ) : (
          <p>Keyferry asks for it in a small window of its own, so that neither browser nor websites ever see it.</p>
        )}
        <FaultNotice fault={action.fault} />
        {action.busy &&
          (here ? (
            <Progress label="Making the vault. This takes a moment on purpose: it would slow a guesser down, too." />
          ) : (
            <>
              {code && (
                <div class="stack" role="status">
                  <SameCode code={code} />
                </div>
              )}
              <WaitingForDialog what="Choose your passphrase in Keyferry's dialog." onCancel={action.cancel} />
            </>
          ))}
        <div>
          <Button kind="primary" submit busy={action.busy !== undefined}>
            {here ? "Make the vault" : "Choose a passphrase"}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
