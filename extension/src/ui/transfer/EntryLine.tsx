/** One thing that would come in, and what is to be done with it. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { ask } from "../../shared/host";
import type { TransferEntry } from "../../shared/protocol.gen";
import { sentence } from "../common/fault";
import { FaultNotice, Tag } from "../common/show";
import { useAction } from "../common/use";
import { day } from "../common/words";
import { choiceName, statusName, typeNames } from "./words";

export function EntryLine(props: {
  id: string;
  entry: TransferEntry;
  onChosen: (choice: string) => void;
}): JSX.Element {
  const { entry } = props;
  const field = useId();
  const action = useAction();
  const name = entry.title || entry.rpId || "Without a name";
  const kind = entry.kind === "passkey" ? "passkey" : typeNames(entry.types) || "item";
  const warn = entry.status === "conflict" || entry.status === "differs" || entry.status === "unreadable";
  const choose = (choice: string): void => {
    void action.run(async signal => {
      await ask("transfer.choose", { id: props.id, entries: [entry.n], choice }, signal);
      props.onChosen(choice);
    });
  };
  return (
    <li class="review-line">
      <span class="list-main">
        <span>
          <strong class="foreign">{name}</strong>{" "}
          <Tag {...(warn ? { tone: "warn" as const } : entry.status === "new" ? { tone: "good" as const } : {})}>
            {statusName(entry.status)}
          </Tag>
        </span>
        <span class="small soft foreign">
          {[kind, entry.userName, entry.rpId === name ? "" : entry.rpId].filter(Boolean).join(", ")}
        </span>
        {(entry.fields?.length ?? 0) > 0 && <span class="small">Differs in {entry.fields?.join(", ")}.</span>}
        <Newer entry={entry} />
        {entry.reason && <span class="small foreign">{sentence(entry.reason)}</span>}
      </span>
      {entry.choices.length > 1 && (
        <span class="review-choice">
          <label class="unseen" for={field}>
            What to do with {[name, entry.userName].filter(Boolean).join(", ")}
          </label>
          <select
            id={field}
            class="input"
            value={entry.choice}
            aria-disabled={action.busy ? "true" : undefined}
            onChange={event => {
              const choice = event.currentTarget.value;
              event.currentTarget.value = entry.choice; // it changes when the agent has taken it
              choose(choice);
            }}
          >
            {entry.choices.map(choice => (
              <option key={choice} value={choice}>
                {choiceName(choice, entry.status)}
              </option>
            ))}
          </select>
        </span>
      )}
      <FaultNotice fault={action.fault} />
    </li>
  );
}

/** Which side was changed last. */
function Newer(props: { entry: TransferEntry }): JSX.Element | null {
  const { mineAt, theirAt, status } = props.entry;
  if (!mineAt || !theirAt || (status !== "differs" && status !== "conflict")) return null;
  const text =
    mineAt === theirAt ? "Both were changed at the same time" : mineAt > theirAt ? "Mine is newer" : "Theirs is newer";
  return (
    <span class="small">
      {text}: mine {day(mineAt)}, theirs {day(theirAt)}.
    </span>
  );
}
