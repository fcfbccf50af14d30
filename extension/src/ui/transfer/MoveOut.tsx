/** Preparing a move out: for whom (the request of another computer), and what. Nothing leaves here. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { encodeBase64url } from "../../shared/base64url";
import { ask } from "../../shared/host";
import type { TransferExport } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Card, FaultNotice } from "../common/show";
import { useAction } from "../common/use";
import { FilePick } from "./FilePick";
import { Pick } from "./Pick";

/** The most bytes of a request (MaxRequestSize in cxp/limits.go). */
const MAX_REQUEST = 64 << 10;

type Part = "all" | "passkeys" | "some";

const PARTS: ReadonlyArray<readonly [Part, string, string]> = [
  ["all", "Everything", "Passkeys and whatever else is in your vault, except the trash."],
  ["passkeys", "Passkeys only", ""],
  ["some", "What I choose", ""],
];

export function MoveOut(props: { backup: boolean; onBack: () => void; onBegun: (id: string) => void }): JSX.Element {
  const { backup } = props;
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
    if (!backup && request === undefined) {
      setMissing("Choose the request's file first.");
      return;
    }
    if (part === "some" && chosen.size === 0) {
      setMissing("Choose at least one entry.");
      return;
    }
    setMissing("");
    const body: TransferExport = { kind: backup ? "backup" : "sealed" };
    if (request !== undefined) body.request = request;
    if (part === "passkeys") body.types = ["passkey"];
    if (part === "some") body.only = [...chosen];
    void action.run(async signal => props.onBegun((await ask("transfer.export", body, signal)).id));
  };
  const needsFile = !backup && request === undefined;
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault();
        begin();
      }}
    >
      {!backup && (
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
      <Card title={backup ? "What goes into it" : "2. What to move"} id="what">
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
