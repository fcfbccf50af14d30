/**
 * The readable file that the person brought, once all of it is in the vault: it should go. A page can't delete a file by
 * itself, and the browser never tells it where one lies. Where the browser lets the person point at it once more
 * (Chromium), a button deletes it; elsewhere it says how.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { FaultNotice, Notice } from "../common/show";
import { useAction } from "../common/use";
import { canRemove, removeFile } from "./remove";

export function PlainFile(props: { transfer: Transfer }): JSX.Element {
  const { transfer } = props;
  const action = useAction();
  const [gone, setGone] = useState(false);
  const name = transfer.fileName || "The file that you brought";
  if (gone)
    return (
      <Notice tone="good" title="The file is deleted" live>
        <span class="foreign">{name}</span> is gone from its folder. Copies elsewhere, in a backup, a synchronised
        folder or a mail, are not touched, and the disk may keep remnants for a while.
      </Notice>
    );
  return (
    <Notice tone="warn" title="Delete the file that you brought">
      <p>
        <strong class="foreign">{name}</strong> is not encrypted: anyone who gets it can read what is in it. It has done
        its work. Delete it, and empty the system's trash, as soon as you have seen that everything is in your vault.
      </p>
      {canRemove() && (
        <>
          <p class="small soft">
            Keyferry can delete it here. The browser does not tell where it lies, so point at it once more; and the
            browser can delete, but not overwrite.
          </p>
          <div class="row">
            <Button
              kind="warning"
              busy={action.busy !== undefined}
              onPress={() =>
                void action.run(async () => setGone(await removeFile(transfer.fileName, transfer.size ?? 0)))
              }
            >
              Choose it and delete it
            </Button>
          </div>
          <FaultNotice fault={action.fault} />
        </>
      )}
    </Notice>
  );
}
