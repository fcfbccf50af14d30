/** What becomes of the originals of what moved out: asked afterwards, never done by itself. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { OriginalsDone, Transfer } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Button } from "../common/controls";
import { Card, FaultNotice, Notice } from "../common/show";
import { useAction } from "../common/use";
import { count } from "../common/words";
import type { Followed } from "./follow";

/** What was done, in a sentence. */
export function originalsText(done: OriginalsDone): string {
  const parts = [
    `${count(done.trashed, "entry", "entries")} moved to the trash, where they stay restorable for 30 days.`,
  ];
  if (done.changed > 0) parts.push(`${count(done.changed, "entry", "entries")} changed here since then and stayed.`);
  if (done.gone > 0) parts.push(`${count(done.gone, "entry", "entries")} had gone from here already.`);
  return parts.join(" ");
}

const SAID: Readonly<Record<string, string>> = {
  keep: "Everything stays in this vault, too.",
  wait: "Everything stays here for now. “Move” asks you again, until you say that it arrived.",
};

export function Originals(props: { transfer: Transfer; followed: Followed }): JSX.Element | null {
  const { transfer, followed } = props;
  const action = useAction();
  const [done, setDone] = useState<OriginalsDone>();
  const say = (what: "keep" | "trash" | "wait"): Promise<boolean> =>
    action.run(async signal => {
      setDone(await ask("transfer.originals", { id: transfer.id, do: what }, signal));
      followed.again();
    }, what);
  if (!transfer.originals)
    return transfer.kind === "direct" ? (
      <Card title="What stays here" id="stays">
        <p>
          Everything stays in this vault, too, since the other app did not take all of it. What you then no longer want
          here, move to the trash in the vault.
        </p>
      </Card>
    ) : null;
  return (
    <Card title="What stays here" id="stays">
      {transfer.originals === "ask" ? (
        <>
          <p>
            What moved out is still in this vault. Two copies of a passkey both work. First sign in somewhere with the
            other app; then decide.
          </p>
          <div class="row">
            <Button kind="primary" busy={action.busy !== undefined} onPress={() => void say("wait")}>
              Ask me again later
            </Button>
            <Button busy={action.busy !== undefined} onPress={() => void say("keep")}>
              Keep it here
            </Button>
          </div>
          <Confirm
            label="Move the originals to the trash"
            title="Move what has moved out to the trash?"
            yes="Move them to the trash"
            no="Keep them for now"
            busy={action.busy !== undefined}
            onYes={() => say("trash")}
          >
            <p>
              Only what went out whole goes to the trash, and nothing that changed meanwhile. For 30 days you can take
              it out of there again.
            </p>
          </Confirm>
        </>
      ) : (
        <Notice tone="good" live>
          {transfer.originals === "trash"
            ? done
              ? originalsText(done)
              : "The originals are in the trash, where they stay restorable for 30 days."
            : SAID[transfer.originals]}
        </Notice>
      )}
      <FaultNotice fault={action.fault} />
    </Card>
  );
}
