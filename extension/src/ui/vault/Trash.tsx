/** What was deleted: it can be had back for 30 days, unless the trash is emptied. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Entry, Status } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Button } from "../common/controls";
import { useFresh } from "../common/fresh";
import { useEntries } from "../common/pages";
import { FaultNotice, Notice, Progress, Site } from "../common/show";
import { useAction } from "../common/use";
import { ago, count } from "../common/words";
import { More, nameOf } from "./Entries";

export function Trash(props: { status: Status }): JSX.Element {
  const list = useEntries("", true);
  const restore = useAction();
  const fresh = useFresh(props.status, "Confirm in Keyferry's dialog.");
  const [said, setSaid] = useState("");
  const total = list.total ?? 0;
  const bringBack = (entry: Entry): void => {
    setSaid("");
    void restore.run(async signal => {
      await ask("untrash", { id: entry.id }, signal);
      setSaid(`${nameOf(entry)} is back in the vault.`);
      list.again();
    }, entry.id);
  };
  return (
    <div class="stack">
      {said && (
        <Notice tone="good" live>
          {said}
        </Notice>
      )}
      <FaultNotice fault={restore.fault ?? list.fault} />
      {list.loading && list.rows.length === 0 && <Progress label="Looking…" />}
      {!list.loading && !list.fault && total === 0 && <p role="status">The trash is empty.</p>}
      {list.rows.length > 0 && (
        <>
          <p class="soft">{count(total, "entry", "entries")} in the trash. Each one goes for good after 30 days.</p>
          <ul class="entries" aria-label="In the trash">
            {list.rows.map(entry => (
              <li key={entry.id} class="entry">
                <Site
                  name={nameOf(entry)}
                  small
                  detail={[entry.userName, entry.trashedAt ? `deleted ${ago(entry.trashedAt, Date.now())}` : ""]
                    .filter(Boolean)
                    .join(" · ")}
                />
                <Button
                  small
                  label={`Restore ${nameOf(entry)} ${entry.userName ?? ""}`}
                  busy={restore.busy === entry.id}
                  onPress={() => bringBack(entry)}
                >
                  Restore
                </Button>
              </li>
            ))}
          </ul>
          <More list={list} />
          <Confirm
            label="Empty the trash…"
            title={`Delete ${count(total, "entry", "entries")} for good?`}
            yes="Delete for good"
            busy={fresh.action.busy !== undefined}
            onYes={() =>
              fresh.run(async (proven, signal) => {
                const { count: gone } = await ask("trash.empty", proven, signal);
                setSaid(`${count(gone, "entry", "entries")} deleted for good.`);
                list.again();
              })
            }
          >
            <p>
              You can't sign in with these passkeys afterwards, and nobody can bring them back from the vault's files,
              not even with your passphrase. Older copies of the files, in a backup for example, still hold them.
            </p>
            {fresh.proof}
            {fresh.state}
          </Confirm>
        </>
      )}
    </div>
  );
}
