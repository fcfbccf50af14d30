/** Choosing entries of the vault: search, tick some, or all that a search finds. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { ListRequest } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Field } from "../common/fields";
import { useEntries } from "../common/pages";
import { FaultNotice, Progress } from "../common/show";
import { useAction } from "../common/use";
import { count } from "../common/words";

/** The ids of everything that a search finds, page by page. */
async function everyId(query: string, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const body: ListRequest = { limit: 500 };
    if (query) body.query = query;
    if (after) body.after = after;
    const page = await ask("list", body, signal);
    for (const entry of page.entries) ids.push(entry.id);
    after = page.next;
  } while (after);
  return ids;
}

export function Pick(props: {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}): JSX.Element {
  const { chosen, onChange } = props;
  const [typed, setTyped] = useState("");
  const query = typed.trim();
  const list = useEntries(query, false);
  const all = useAction();
  const total = list.total ?? 0;
  const tick = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  return (
    <div class="stack">
      <Field
        type="search"
        label="Search"
        value={typed}
        onInput={setTyped}
        maxLength={200}
        hint="By site, name or account."
      />
      <div class="row row-spread">
        <span role="status">{count(chosen.size, "entry", "entries")} chosen</span>
        <span class="row">
          <Button
            small
            busy={all.busy !== undefined || total === 0}
            onPress={() =>
              void all.run(async signal => onChange(new Set([...chosen, ...(await everyId(query, signal))])))
            }
          >
            {query ? `Choose the ${total} found` : `Choose all ${total}`}
          </Button>
          <Button small busy={chosen.size === 0} onPress={() => onChange(new Set())}>
            Choose none
          </Button>
        </span>
      </div>
      <FaultNotice fault={list.fault ?? all.fault} />
      {list.loading && list.rows.length === 0 && <Progress label="Looking…" />}
      {!list.loading && list.rows.length === 0 && !list.fault && <p>Nothing matches.</p>}
      <ul class="entries picks" aria-label="What can go">
        {list.rows.map(entry => (
          <li key={entry.id}>
            <label class="option">
              <input
                type="checkbox"
                checked={chosen.has(entry.id)}
                onChange={event => tick(entry.id, event.currentTarget.checked)}
              />
              <span class="list-main">
                <span class="foreign">{entry.title || entry.rpId || "Without a name"}</span>
                <span class="small soft foreign">
                  {[entry.userName, entry.rpId === entry.title ? "" : entry.rpId].filter(Boolean).join(", ") ||
                    (entry.kind === "passkey" ? "Passkey" : "Item")}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <div>
          <Button busy={list.loading} onPress={list.more}>
            {list.loading ? "Loading…" : "Show more"}
          </Button>
        </div>
      )}
    </div>
  );
}
