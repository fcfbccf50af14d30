/** Beginning a move in: a request for another computer, or a file that is here already. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import { Button } from "../common/controls";
import { Card, FaultNotice, Progress } from "../common/show";
import { type Action, useAction } from "../common/use";
import { FilePick } from "./FilePick";
import { Guides } from "./Guides";
import { sendPieces } from "./pieces";
import type { Way } from "./place";
import { Request } from "./Request";
import { size } from "./words";

type WayIn = Extract<Way, "in-computer" | "in-backup" | "in-file">;

const KINDS: Record<WayIn, string> = { "in-computer": "sealed", "in-backup": "backup", "in-file": "file" };

export function MoveIn(props: { way: WayIn; onBack: () => void; onBegun: (id: string) => void }): JSX.Element {
  const { way } = props;
  return (
    <>
      {way === "in-computer" && <Request />}
      <Card title={way === "in-computer" ? "2. Open the other computer's answer" : "Open the file"} id="file">
        {way === "in-computer" && (
          <p>When the other computer has made its file, bring it here. Nothing changes until you have looked at it.</p>
        )}
        {way === "in-backup" && <p>Keyferry asks for the backup's passphrase when it has the file.</p>}
        {way === "in-file" && (
          <p>
            Choose the file just as the other manager made it. Keyferry finds out what it is, asks for its password if
            it has one, and keeps what the file holds besides passkeys, too.
          </p>
        )}
        <Upload
          kind={KINDS[way]}
          label={
            way === "in-computer" ? "Answer file" : way === "in-backup" ? "Backup file" : "The other manager's file"
          }
          onBegun={props.onBegun}
        />
      </Card>
      {way === "in-file" && <Guides out={false} />}
      <div class="row">
        <Button onPress={props.onBack}>Back</Button>
      </div>
    </>
  );
}

/** Sends the chosen file to the agent as a new transfer, and cancels that where it can't be sent to its end. */
async function upload(kind: string, file: File, onBytes: (done: number) => void, signal: AbortSignal): Promise<string> {
  const { id } = await ask("transfer.import", kind === "file" ? { kind, name: file.name } : { kind }, signal);
  try {
    await sendPieces(id, file, piece => ask("transfer.put", piece, signal), onBytes);
    return id;
  } catch (error) {
    // What went wrong is what the person has to hear; the agent drops a half transfer by itself as well.
    await ask("transfer.cancel", { id }).catch(() => undefined);
    throw error;
  }
}

export function Upload(props: { kind: string; label: string; onBegun: (id: string) => void }): JSX.Element {
  const action = useAction();
  const [file, setFile] = useState<File>();
  const [done, setDone] = useState(0);
  const begin = (chosen: File): void => {
    setFile(chosen);
    setDone(0);
    void action.run(async signal => props.onBegun(await upload(props.kind, chosen, setDone, signal)));
  };
  return (
    <div class="stack">
      {!action.busy && <FilePick label={props.label} onFile={begin} />}
      {action.busy && file && <Sending action={action} file={file} done={done} />}
      <FaultNotice fault={action.fault} />
    </div>
  );
}

function Sending(props: { action: Action; file: File; done: number }): JSX.Element {
  const { file, done } = props;
  return (
    <div class="stack-s">
      <Progress label="Handing the file to Keyferry…" part={file.size > 0 ? done / file.size : 1} />
      <p class="small soft numbers">
        {size(done)} of {size(file.size)}
      </p>
      <div>
        <Button onPress={props.action.cancel}>Cancel</Button>
      </div>
    </div>
  );
}
