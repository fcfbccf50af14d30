/** The review before anything is stored: what is new, here already, different, in conflict or unreadable, item by item. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Search } from "../common/fields";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { useAction } from "../common/use";
import { count, figure, moment } from "../common/words";
import { Details } from "./Details";
import { EntryLine } from "./EntryLine";
import { useTransferEntries } from "./entries";
import { ForAll } from "./ForAll";
import type { Followed } from "./follow";
import { Past } from "./Past";
import { Remarks } from "./Remarks";
import { claimOf, VERDICT_MEANINGS, VERDICT_NAMES, VERDICTS, type Verdict } from "./words";

export function Review(props: { transfer: Transfer; followed: Followed; cancel: JSX.Element }): JSX.Element {
  const { transfer, followed } = props;
  const counts = transfer.counts ?? {};
  const present = VERDICTS.filter(v => (counts[v] ?? 0) > 0);
  const [verdict, setVerdict] = useState<Verdict | undefined>(present.find(v => v === "conflict" || v === "differs"));
  const [typed, setTyped] = useState("");
  const query = typed.trim();
  const list = useTransferEntries(transfer.id, verdict, query);
  const action = useAction();
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const known = counts.duplicate ?? 0;
  return (
    <>
      <Card title="What would come in" id="review" focusTitle>
        <p class="soft">
          {transfer.kind === "sealed" && (
            <>
              From <span class="foreign">{claimOf(transfer)}</span>.{" "}
            </>
          )}
          {transfer.provider && (
            <>
              From <span class="foreign">{transfer.provider.name || "an app without a name"}</span>.{" "}
            </>
          )}
          {transfer.expiresAt &&
            `Store it until ${moment(transfer.expiresAt)}: after that it has to be asked for anew. `}
          Nothing in your vault has changed yet.
        </p>
        {total > 0 && known === total && (
          <Notice tone="good" title="Everything is here already">
            Your vault holds all of it, unchanged. Going on changes nothing.
          </Notice>
        )}
        {total === 0 && <Notice tone="warn" title="The file is empty" />}
        {(counts.conflict ?? 0) + (counts.differs ?? 0) > 0 && (
          <Notice tone="warn" title="Some of it needs your eye">
            Where yours and theirs are not the same, yours stays unless you choose otherwise.
          </Notice>
        )}
        <Remarks transfer={transfer} />
      </Card>
      <Card title="One by one" id="entries">
        <Filter counts={counts} present={present} total={total} verdict={verdict} onVerdict={setVerdict} />
        {verdict && <p class="small soft">{VERDICT_MEANINGS[verdict]}</p>}
        <Search value={typed} onInput={setTyped} hint="By name, site or account." />
        {verdict && (
          <ForAll id={transfer.id} verdict={verdict} query={query} total={list.total ?? 0} onDone={list.again} />
        )}
        <FaultNotice fault={list.fault} />
        {list.loading && list.rows.length === 0 && <Progress label="Looking…" />}
        <p class="small soft" role="status">
          {!list.loading && (list.total ? count(list.total, "entry", "entries") : "Nothing matches.")}
        </p>
        <Past rows={list.rows.length} />
        <ul class="entries" aria-label="What would come in">
          {list.rows.map(entry => (
            <EntryLine
              key={entry.n}
              id={transfer.id}
              entry={entry}
              onChosen={choice => list.change(entry.n, { choice })}
            />
          ))}
        </ul>
        {list.hasMore && (
          <div>
            <Button busy={list.loading} onPress={list.more}>
              {list.loading ? "Loading…" : "Show more"}
            </Button>
          </div>
        )}
      </Card>
      <FaultNotice fault={action.fault} />
      <div class="row">
        <Button
          kind="primary"
          busy={action.busy !== undefined}
          onPress={() =>
            void action.run(async signal => followed.set(await ask("transfer.commit", { id: transfer.id }, signal)))
          }
        >
          {total > 0 && known === total ? "Finish" : "Store as chosen"}
        </Button>
        {/* Not while it begins to store: then it would be too late to say that nothing was changed. */}
        <fieldset disabled={action.busy !== undefined}>{props.cancel}</fieldset>
      </div>
      <Details transfer={transfer} />
    </>
  );
}

function Filter(props: {
  counts: Readonly<Record<string, number>>;
  present: readonly Verdict[];
  total: number;
  verdict: Verdict | undefined;
  onVerdict: (verdict: Verdict | undefined) => void;
}): JSX.Element {
  const { counts, present, total, verdict, onVerdict } = props;
  return (
    <fieldset class="row" aria-label="Show">
      <Button small pressed={verdict === undefined} onPress={() => onVerdict(undefined)}>
        All ({figure(total)})
      </Button>
      {present.map(v => (
        <Button key={v} small pressed={verdict === v} onPress={() => onVerdict(v)}>
          {VERDICT_NAMES[v]} ({figure(counts[v] ?? 0)})
        </Button>
      ))}
    </fieldset>
  );
}
