/** The file is written: save it, piece by piece. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Card, FaultNotice, Progress } from "../common/show";
import { type Action, useAction } from "../common/use";
import { Details } from "./Details";
import type { Followed } from "./follow";
import { fetchPieces } from "./pieces";
import { openSink, today } from "./save";
import { size } from "./words";

/** The ending that the manager looks for in a file's name. */
function suffixOf(format = ""): string {
  if (/keepass/i.test(format)) return ".kdbx";
  return /proton/i.test(format) ? ".pgp" : ".json";
}

/** The name that is offered for the file. */
export function fileName(transfer: Transfer): string {
  // What has files attached comes as an archive.
  if (transfer.kind === "plain") return `keyferry-NOT-ENCRYPTED-${today()}${transfer.counts?.file ? ".zip" : ".json"}`;
  if (transfer.kind === "file") return `keyferry-for-${today()}${suffixOf(transfer.format)}`;
  return transfer.kind === "backup" ? `keyferry-backup-${today()}.keyferry` : `keyferry-answer-${today()}.cxpresponse`;
}

export function SaveFile(props: { transfer: Transfer; followed: Followed; cancel: JSX.Element }): JSX.Element {
  const { transfer } = props;
  return (
    <>
      <Card title="The file is ready" id="ready" focusTitle>
        <p>
          {transfer.kind === "backup"
            ? "Keyferry has read it back and found all of it. Save it, then keep it somewhere else than on this computer."
            : transfer.kind === "plain"
              ? "Save it, open it with the other app, then delete it: it is not encrypted."
              : transfer.kind === "file"
                ? "Save it, then open it with the other manager, which asks for the passphrase that you chose."
                : "Save it, then bring it to the other computer in any way you like: nobody else can open it."}
        </p>
        <SaveButton transfer={transfer} followed={props.followed} />
        {props.cancel}
      </Card>
      <Details transfer={transfer} />
    </>
  );
}

/** Saves the file, once or again, and shows how far it is. */
export function SaveButton(props: { transfer: Transfer; followed: Followed; again?: boolean }): JSX.Element {
  const { transfer } = props;
  const action = useAction();
  const [done, setDone] = useState(0);
  const [saved, setSaved] = useState(false);
  const save = (): void => {
    setDone(0);
    setSaved(false);
    void action
      .run(async signal => {
        const sink = await openSink(fileName(transfer));
        await fetchPieces(transfer.id, sink, what => ask("transfer.next", what, signal), setDone);
        setSaved(true);
      })
      // The last piece was fetched, or something ended the transfer.
      .then(() => props.followed.again());
  };
  return (
    <div class="stack-s">
      {action.busy && <Saving action={action} done={done} total={transfer.size ?? 0} />}
      {!action.busy && (
        <div>
          <Button kind={props.again ? "secondary" : "primary"} onPress={save}>
            {props.again ? "Save the file again" : `Save the file (${size(transfer.size ?? 0)})`}
          </Button>
        </div>
      )}
      {saved && <p role="status">Saved.</p>}
      <FaultNotice fault={action.fault} />
    </div>
  );
}

function Saving(props: { action: Action; done: number; total: number }): JSX.Element {
  const { done, total } = props;
  return (
    <>
      <Progress label="Saving…" {...(total > 0 ? { part: Math.min(1, done / total) } : {})} />
      <p class="small soft numbers">
        {size(done)} of {size(total)}
      </p>
      <div>
        <Button onPress={props.action.cancel}>Stop</Button>
      </div>
    </>
  );
}
