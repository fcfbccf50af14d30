/** The log inside the vault: what happened, when, and on whose word. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AuditLine } from "../../shared/protocol.gen";
import { sentence } from "../common/fault";
import { Search } from "../common/fields";
import { useAudit } from "../common/pages";
import { FaultNotice, Progress } from "../common/show";
import { moment } from "../common/words";
import { More } from "./Entries";

const ACTIONS: Readonly<Record<string, string>> = {
  created: "Saved",
  used: "Signed in",
  exported: "Exported",
  imported: "Imported",
  changed: "Changed",
  trashed: "Moved to trash",
  untrashed: "Restored",
  emptied: "Trash emptied",
  renamed: "Renamed",
  paired: "Browser connected",
  revoked: "Browser disconnected",
};

export function Activity(): JSX.Element {
  const [query, setQuery] = useState("");
  const log = useAudit(query.trim());
  return (
    <div class="stack">
      <p class="soft">
        Kept inside the vault, so only you can read it. It never holds a secret, and nothing from private windows.
      </p>
      <Search label="Search the log" value={query} onInput={setQuery} />
      <FaultNotice fault={log.fault} />
      {log.loading && log.rows.length === 0 && <Progress label="Looking…" />}
      {!log.loading && !log.fault && log.rows.length === 0 && (
        <p role="status">
          {query.trim() ? `Nothing in the log matches “${query.trim()}”.` : "Nothing has happened yet."}
        </p>
      )}
      {log.rows.length > 0 && (
        <ul class="entries" aria-label="What happened">
          {log.rows.map((line, index) => (
            <Line key={`${line.at} ${index}`} line={line} />
          ))}
        </ul>
      )}
      <More list={log} />
    </div>
  );
}

function Line(props: { line: AuditLine }): JSX.Element {
  const { line } = props;
  const by = [line.who, line.origin].filter(Boolean).join(" · ");
  return (
    <li class="entry">
      <span class="list-main">
        <span>
          <strong>{ACTIONS[line.action] ?? sentence(line.action).replace(/\.$/, "")}</strong>{" "}
          <span class="foreign">{line.what}</span>
        </span>
        {by && <span class="small soft foreign">{by}</span>}
      </span>
      <time class="entry-when" dateTime={new Date(line.at).toISOString()}>
        {moment(line.at)}
      </time>
    </li>
  );
}
