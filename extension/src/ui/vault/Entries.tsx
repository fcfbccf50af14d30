/** The searchable list. A line opens in place; nothing covers anything. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Entry } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Search } from "../common/fields";
import { type Paged, useEntries } from "../common/pages";
import { Card, FaultNotice, Notice, Progress, Site, Tag } from "../common/show";
import { useAction } from "../common/use";
import { ago, count } from "../common/words";
import { Open } from "./Open";

export function Entries(): JSX.Element {
  const [query, setQuery] = useState("");
  const list = useEntries(query.trim(), false);
  const [open, setOpen] = useState<string>();
  const [trashed, setTrashed] = useState<Entry>();
  const undo = useAction();
  return (
    <div class="stack">
      <Search value={query} onInput={setQuery} hint="By site, name or account." />
      {trashed && (
        <Notice title="Moved to the trash" live>
          {nameOf(trashed)} stays there for 30 days.
          <div class="row">
            <Button
              small
              busy={undo.busy !== undefined}
              onPress={() =>
                void undo.run(async signal => {
                  await ask("untrash", { id: trashed.id }, signal);
                  setTrashed(undefined);
                  list.again();
                })
              }
            >
              Undo
            </Button>
          </div>
        </Notice>
      )}
      <FaultNotice fault={undo.fault} />
      <Found list={list} query={query} />
      {list.rows.length > 0 && (
        <ul class="entries" aria-label="Passkeys and other items">
          {list.rows.map(entry => (
            <li key={entry.id}>
              <button
                type="button"
                class="entry"
                aria-expanded={open === entry.id}
                onClick={() => setOpen(open === entry.id ? undefined : entry.id)}
              >
                <Site
                  name={nameOf(entry)}
                  small
                  detail={
                    <>
                      <span class="foreign">{entry.userName || entry.displayName || "No user name"}</span>{" "}
                      {entry.pending && <Tag tone="warn">Unconfirmed</Tag>}
                    </>
                  }
                />
                <span class="entry-when">{usedText(entry)}</span>
              </button>
              {open === entry.id && (
                <Open
                  entry={entry}
                  onChanged={() => list.again()}
                  onTrashed={() => {
                    setTrashed(entry);
                    setOpen(undefined);
                    list.again();
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <More list={list} />
    </div>
  );
}

export function nameOf(entry: Entry): string {
  return entry.title || entry.rpId || "Without a name";
}

function usedText(entry: Entry): string {
  if (entry.usedAt) return `Used ${ago(entry.usedAt, Date.now())}`;
  return entry.createdAt ? `Saved ${ago(entry.createdAt, Date.now())}` : "";
}

/** How many there are, and what to do when there are none. */
function Found(props: { list: Paged<Entry>; query: string }): JSX.Element {
  const { list, query } = props;
  const total = list.total ?? 0;
  if (list.fault) return <FaultNotice fault={list.fault} />;
  if (list.loading && list.rows.length === 0) return <Progress label="Looking…" />;
  if (total > 0) {
    return (
      <p class="small soft" role="status">
        {query.trim() ? `${count(total, "match", "matches")} for “${query.trim()}”` : count(total, "entry", "entries")}
      </p>
    );
  }
  return query.trim() ? (
    <p role="status">Nothing matches “{query.trim()}”. Try fewer letters, or part of the site's address.</p>
  ) : (
    <Card title="Nothing stored yet" id="empty">
      <p>
        When a website offers you a passkey, say yes: Keyferry asks whether to save it, and it appears here. Most sites
        have it in their security settings.
      </p>
      <p>
        Your passkeys are in another app or on another computer? <a href="../transfer/index.html">Move them in</a>.
      </p>
    </Card>
  );
}

export function More<T>(props: { list: Paged<T> }): JSX.Element | null {
  if (!props.list.hasMore) return null;
  return (
    <div>
      <Button busy={props.list.loading} onPress={props.list.more}>
        {props.list.loading ? "Loading…" : "Show more"}
      </Button>
    </div>
  );
}
