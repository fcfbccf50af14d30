/** Preparing a move out: to whom. What goes is chosen on the next page, and nothing leaves before that. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { encodeBase64url } from "../../shared/base64url";
import { ask } from "../../shared/host";
import type { TransferExport } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { type Action, useAction, useAnswer } from "../common/use";
import { FilePick } from "./FilePick";
import { Guides } from "./Guides";
import { PasteText } from "./PasteText";
import type { Way } from "./place";

/** The most bytes of a request (MaxRequestSize in cxp/limits.go). */
const MAX_REQUEST = 64 << 10;

/** Stands among the formats for the one that is not encrypted, which is a kind of move of its own. */
const PLAIN = "plain";

type WayOut = Extract<Way, "out-computer" | "out-backup" | "out-file">;

export function MoveOut(props: { way: WayOut; onBack: () => void; onBegun: (id: string) => void }): JSX.Element {
  const action = useAction();
  const begin = (body: TransferExport): void => {
    void action.run(async signal => props.onBegun((await ask("transfer.export", body, signal)).id));
  };
  const foot = <Foot action={action} onBack={props.onBack} />;
  switch (props.way) {
    case "out-computer":
      return <ToComputer begin={begin} foot={foot} />;
    case "out-file":
      return <ToManager begin={begin} foot={foot} />;
    default:
      return <ToBackup begin={begin} foot={foot} />;
  }
}

interface To {
  begin: (body: TransferExport) => void;
  foot: JSX.Element;
}

function Foot(props: { action: Action; onBack: () => void }): JSX.Element {
  const { action } = props;
  return (
    <>
      <FaultNotice fault={action.fault} />
      <div class="row">
        <Button kind="primary" submit busy={action.busy !== undefined}>
          {action.busy ? "Looking…" : "Go on"}
        </Button>
        <Button onPress={props.onBack}>Back</Button>
        <span class="small soft">Nothing leaves yet: you see it all first, and choose.</span>
      </div>
    </>
  );
}

function ToComputer(props: To): JSX.Element {
  const [request, setRequest] = useState<Uint8Array>();
  const [missing, setMissing] = useState("");
  const take = (bytes: Uint8Array): void => {
    const tooLarge = bytes.length > MAX_REQUEST;
    setRequest(tooLarge ? undefined : bytes);
    setMissing(
      tooLarge ? "This is no request: it is far too large for one. Choose the file that the other computer made." : "",
    );
  };
  const begin = (): void => {
    if (request) props.begin({ kind: "sealed", request: encodeBase64url(request) });
    else setMissing("Choose the request's file first.");
  };
  return (
    <Form onSubmit={begin}>
      <Card title="The other computer's request" id="request">
        <p>
          On the other computer, open Keyferry's “Move in”, choose “From another computer”, and save the request it
          makes. Bring that file here: it holds nothing secret.
        </p>
        <FilePick
          label="Request file"
          onFile={file =>
            void file
              .slice(0, MAX_REQUEST + 1)
              .arrayBuffer()
              .then(raw => take(new Uint8Array(raw)))
          }
          error={missing || undefined}
        />
        <PasteText onText={text => take(new TextEncoder().encode(text))} />
      </Card>
      {props.foot}
    </Form>
  );
}

function ToManager(props: To): JSX.Element {
  const formats = useAnswer("transfer.formats", {});
  const [format, setFormat] = useState("");
  const [sure, setSure] = useState(false);
  const [missing, setMissing] = useState("");
  const begin = (): void => {
    if (!format) setMissing("Choose the other manager first.");
    else if (format !== PLAIN) props.begin({ kind: "file", format });
    else if (sure) props.begin({ kind: "plain" });
    else setMissing("Say that you know what a file without encryption means, or choose another one.");
  };
  const choose = (id: string): void => {
    setFormat(id);
    setSure(false);
    setMissing("");
  };
  return (
    <Form onSubmit={begin}>
      <Card title="The other manager" id="manager">
        <FaultNotice fault={formats.fault} />
        {formats.loading && !formats.value && <Progress label="Looking…" />}
        <fieldset class="stack-s">
          <legend class="unseen">For which manager</legend>
          {(formats.value?.formats ?? [])
            .filter(f => f.write && f.encrypted)
            .map(f => (
              <label key={f.id} class="option">
                <input type="radio" name="format" checked={format === f.id} onChange={() => choose(f.id)} />
                <span class="list-main">
                  <span>{f.name}</span>
                  <span class="small soft">
                    {f.passkeys ? "Encrypted. It takes passkeys." : "Encrypted. It takes no passkeys."}
                  </span>
                </span>
              </label>
            ))}
          <label class="option">
            <input type="radio" name="format" checked={format === PLAIN} onChange={() => choose(PLAIN)} />
            <span class="list-main">
              <span>Another app that reads the standard exchange format</span>
              <span class="small soft">NOT encrypted. Only where nothing else will do.</span>
            </span>
          </label>
        </fieldset>
        {format === PLAIN && (
          <Notice tone="warn" title="Anyone who gets this file can sign in as you">
            <p>
              It holds your passkeys and passwords readably, also for every program on this computer and whatever copies
              your files elsewhere. Delete it as soon as the other app has read it.
            </p>
            <label class="option">
              <input type="checkbox" checked={sure} onChange={event => setSure(event.currentTarget.checked)} />
              <span>I know, and want it without encryption.</span>
            </label>
          </Notice>
        )}
        <div class="field-error" role="alert">
          {missing}
        </div>
      </Card>
      <Guides out />
      {props.foot}
    </Form>
  );
}

function ToBackup(props: To): JSX.Element {
  return (
    <Form onSubmit={() => props.begin({ kind: "backup" })}>
      <Card title="An encrypted backup" id="backup">
        <p>
          One file that holds what is in your vault now, the trash left out. It opens with a passphrase of its own, in
          Keyferry on any computer.
        </p>
      </Card>
      {props.foot}
    </Form>
  );
}
