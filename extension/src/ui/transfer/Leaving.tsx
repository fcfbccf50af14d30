/** What may leave, entry by entry: looked through by search, account, collection and kind, and chosen one by one or many
 *  at once. The agent keeps the choice and writes nothing else. */
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Transfer, TransferChoose, TransferEntry, TransferPlace } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { type Fault, faultOf, sentence } from "../common/fault";
import { Search } from "../common/fields";
import { FaultNotice, Progress, Tag } from "../common/show";
import { useAction } from "../common/use";
import { count, figure } from "../common/words";
import type { Followed } from "./follow";
import { type Filter, filterOf, PAGE, useLeaving } from "./leave-list";
import { Past } from "./Past";
import { FATE_NAMES, type Fate, typeNames } from "./words";

const SHOWN: ReadonlyArray<readonly [Fate | "", string]> = [
  ["", "All"],
  ["goes", FATE_NAMES.goes],
  ["part", FATE_NAMES.part],
  ["stays", FATE_NAMES.stays],
];

/** The choices that the agent has been told of, one after the other; it rejects where the last one was not taken. */
export type Choices = RefObject<Promise<void>>;

export function Leaving(props: { transfer: Transfer; followed: Followed; choices: Choices }): JSX.Element {
  const { transfer, followed, choices } = props;
  const [filter, setFilter] = useState<Filter>({});
  const [typed, setTyped] = useState("");
  const query = typed.trim();
  const whole: Filter = query ? { ...filter, query } : filter;
  const list = useLeaving(transfer.id, whole);
  const action = useAction();
  const narrowed = Object.keys(filterOf(whole)).length > 0;
  // One after the other, however fast somebody ticks; nothing leaves before all of them are taken.
  const choose = (what: Omit<TransferChoose, "id">): Promise<void> => {
    const before = choices.current?.catch(() => undefined) ?? Promise.resolve();
    const next = before.then(() => ask("transfer.choose", { id: transfer.id, ...what })).then(followed.set);
    next.catch(() => undefined); // whoever chose is told
    choices.current = next;
    return next;
  };
  const many = (choice: "take" | "keep"): void => {
    void action.run(async () => {
      await choose({ all: true, ...filterOf(whole), choice });
      list.again();
    }, choice);
  };
  const passkeysOnly = (): void => {
    void action.run(async () => {
      await choose({ all: true, kind: "item", choice: "keep" });
      await choose({ all: true, kind: "passkey", choice: "take" });
      list.again();
    });
  };
  const [fault, setFault] = useState<Fault>();
  const tick = (entry: TransferEntry, on: boolean): void => {
    const choice = on ? "take" : "keep";
    list.change(entry, choice);
    setFault(undefined);
    choose({ entries: [entry.n], choice }).catch(error => {
      setFault(faultOf(error));
      list.again();
    });
  };
  return (
    <div class="stack">
      <Search value={typed} onInput={setTyped} hint="By name, site or account." />
      <Places places={list.places} place={filter.place ?? 0} onPlace={place => setFilter({ ...filter, place })} />
      <fieldset class="row" aria-label="Show">
        {SHOWN.map(([status, name]) => (
          <Button
            key={status}
            small
            pressed={(filter.status ?? "") === status}
            onPress={() => {
              const { status: _, ...rest } = filter;
              setFilter(status ? { ...rest, status } : rest);
            }}
          >
            {name}
          </Button>
        ))}
      </fieldset>
      <div class="row row-spread">
        <span role="status">
          {list.total !== undefined &&
            `${count(list.total, "entry", "entries")}, ${figure(list.chosen)} of them chosen`}
        </span>
        <span class="row">
          <Button small busy={action.busy !== undefined || !list.total} onPress={() => many("take")}>
            {narrowed ? "Choose these" : "Choose all"}
          </Button>
          <Button small busy={action.busy !== undefined || !list.total} onPress={() => many("keep")}>
            {narrowed ? "Leave these here" : "Choose none"}
          </Button>
          {!narrowed && (
            <Button small busy={action.busy !== undefined || !list.total} onPress={passkeysOnly}>
              Passkeys only
            </Button>
          )}
        </span>
      </div>
      <FaultNotice fault={list.fault ?? action.fault ?? fault} />
      {list.loading && list.rows.length === 0 && <Progress label="Looking…" />}
      {!list.loading && list.rows.length === 0 && !list.fault && <p>Nothing matches.</p>}
      <Past rows={list.rows.length} />
      <ul class="entries" aria-label="What can go">
        {list.rows.map(entry => (
          <Line key={entry.n} entry={entry} onTick={on => tick(entry, on)} />
        ))}
      </ul>
      {(list.hasLess || list.hasMore) && (
        <div class="row row-spread">
          <Button busy={list.loading || !list.hasLess} onPress={list.less}>
            Earlier
          </Button>
          <span class="small soft numbers">
            {figure(list.first + 1)} to {figure(list.first + list.rows.length)} of {figure(list.total ?? 0)}
          </span>
          <Button busy={list.loading || !list.hasMore} onPress={list.more}>
            Next {PAGE}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The account or collection to look at. One account without collections is no choice. */
function Places(props: {
  places: readonly TransferPlace[];
  place: number;
  onPlace: (place: number) => void;
}): JSX.Element | null {
  const { places, place } = props;
  if (places.length < 2) return null;
  const accounts = [...new Set(places.map(p => p.account ?? ""))];
  return (
    <label class="field">
      <span>Account or collection</span>
      <select class="input" value={String(place)} onChange={event => props.onPlace(Number(event.currentTarget.value))}>
        <option value="0">All of them</option>
        {accounts.map(account => (
          <optgroup key={account} label={account || "Made with Keyferry"}>
            {places
              .filter(p => (p.account ?? "") === account)
              .map(p => (
                <option key={p.n} value={String(p.n)}>
                  {p.collection ?? "All of this account"} ({figure(p.count)})
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function Line(props: { entry: TransferEntry; onTick: (on: boolean) => void }): JSX.Element {
  const { entry } = props;
  const name = entry.title || entry.rpId || "Without a name";
  const kind = entry.kind === "passkey" ? "passkey" : typeNames(entry.types) || "item";
  const text = (
    <span class="list-main">
      <span>
        <strong class="foreign">{name}</strong>{" "}
        {entry.status !== "goes" && <Tag tone="warn">{FATE_NAMES[entry.status as Fate]}</Tag>}
      </span>
      <span class="small soft foreign">
        {[kind, entry.userName, entry.rpId === name ? "" : entry.rpId].filter(Boolean).join(", ")}
      </span>
      {entry.reason && <span class="small foreign">{sentence(entry.reason)}</span>}
    </span>
  );
  if (entry.status === "stays") return <li class="option option-none">{text}</li>;
  return (
    <li>
      <label class="option">
        <input
          type="checkbox"
          checked={entry.choice === "take"}
          onChange={event => props.onTick(event.currentTarget.checked)}
        />
        {text}
      </label>
    </li>
  );
}
