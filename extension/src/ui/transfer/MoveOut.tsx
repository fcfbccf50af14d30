/** Preparing a move out: for whom (the request of another computer), and what. Nothing leaves here. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { encodeBase64url } from "../../shared/base64url";
import { ask } from "../../shared/host";
import type { TransferExport } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Card, FaultNotice, Progress } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { FilePick } from "./FilePick";
import { Guides } from "./Guides";
import { Pick } from "./Pick";
import type { Way } from "./place";

/** The most bytes of a request (MaxRequestSize in cxp/limits.go). */
const MAX_REQUEST = 64 << 10;

type WayOut = Extract<Way, `out-${string}`>;

const KINDS: Record<WayOut, string> = { "out-computer": "sealed", "out-backup": "backup", "out-file": "file" };

type Part = "all" | "passkeys" | "some";

const PARTS: ReadonlyArray<readonly [Part, string, string]> = [
  ["all", "Everything", "Passkeys and whatever else is in your vault, except the trash."],
  ["passkeys", "Passkeys only", ""],
  ["some", "What I choose", ""],
];

export function MoveOut(props: { way: WayOut; onBack: () => void; onBegun: (id: string) => void }): JSX.Element {
  const sealed = props.way === "out-computer";
  const file = props.way === "out-file";
  const formats = useAnswer("transfer.formats", file ? {} : undefined);
  const [format, setFormat] = useState("");
  const [request, setRequest] = useState<string>();
  const [part, setPart] = useState<Part>("all");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [missing, setMissing] = useState("");
  const action = useAction();

  const read = async (file: File): Promise<void> => {
    setRequest(undefined);
    if (file.size > MAX_REQUEST) {
      setMissing("This is no request: it is far too large for one. Choose the file that the other computer made.");
      return;
    }
    setMissing("");
    setRequest(encodeBase64url(new Uint8Array(await file.arrayBuffer())));
  };
  const begin = (): void => {
    if (sealed && request === undefined) {
      setMissing("Choose the request's file first.");
      return;
    }
    if (file && !format) {
      setMissing("Choose the other manager first.");
      return;
    }
    if (part === "some" && chosen.size === 0) {
      setMissing("Choose at least one entry.");
      return;
    }
    setMissing("");
    const body: TransferExport = { kind: KINDS[props.way] };
    if (file) body.format = format;
    if (request !== undefined) body.request = request;
    if (part === "passkeys") body.types = ["passkey"];
    if (part === "some") body.only = [...chosen];
    void action.run(async signal => props.onBegun((await ask("transfer.export", body, signal)).id));
  };
  const needsFile = sealed && request === undefined;
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault();
        begin();
      }}
    >
      {sealed && (
        <Card title="1. The other computer's request" id="request">
          <p>
            On the other computer, open Keyferry's “Move in”, choose “From another computer”, and save the request it
            makes. Bring that file here: it holds nothing secret.
          </p>
          <FilePick
            label="Request file"
            onFile={file => void read(file)}
            error={needsFile && missing ? missing : undefined}
          />
        </Card>
      )}
      {file && (
        <Card title="1. The other manager" id="manager">
          <FaultNotice fault={formats.fault} />
          {formats.loading && !formats.value && <Progress label="Looking…" />}
          <fieldset class="stack-s">
            <legend class="unseen">For which manager</legend>
            {(formats.value?.formats ?? [])
              .filter(f => f.write && f.encrypted)
              .map(f => (
                <label key={f.id} class="option">
                  <input type="radio" name="format" checked={format === f.id} onChange={() => setFormat(f.id)} />
                  <span class="list-main">
                    <span>{f.name}</span>
                    <span class="small soft">
                      {f.passkeys ? "Encrypted. It takes passkeys." : "Encrypted. It takes no passkeys."}
                    </span>
                  </span>
                </label>
              ))}
          </fieldset>
        </Card>
      )}
      <Card title={sealed || file ? "2. What to move" : "What goes into it"} id="what">
        <fieldset class="stack-s">
          <legend class="unseen">What goes</legend>
          {PARTS.map(([value, label, hint]) => (
            <label key={value} class="option">
              <input type="radio" name="part" checked={part === value} onChange={() => setPart(value)} />
              <span class="list-main">
                <span>{label}</span>
                {hint && <span class="small soft">{hint}</span>}
              </span>
            </label>
          ))}
        </fieldset>
        {part === "some" && <Pick chosen={chosen} onChange={setChosen} />}
        <div class="field-error" role="alert">
          {!needsFile && missing}
        </div>
      </Card>
      {file && <Guides out />}
      <FaultNotice fault={action.fault} />
      <div class="row">
        <Button kind="primary" submit busy={action.busy !== undefined}>
          {action.busy ? "Looking…" : "Go on"}
        </Button>
        <Button onPress={props.onBack}>Back</Button>
        <span class="small soft">Nothing leaves yet: you see it all first.</span>
      </div>
    </form>
  );
}
