/** Which account: a list to choose from where there are several, one line where there is one. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { Account } from "../../shared/protocol.gen";
import { focusStill } from "../common/controls";
import { Tag } from "../common/show";
import { ago } from "../common/words";

/** Best first as the agent ordered them, but what the site never confirmed always last. */
export function ordered(accounts: readonly Account[]): Account[] {
  return [...accounts.filter(a => !a.pending), ...accounts.filter(a => a.pending)];
}

function lastUsed(account: Account, now: number): string {
  if (account.usedAt) return `Last used ${ago(account.usedAt, now)}`;
  if (account.createdAt) return `Saved ${ago(account.createdAt, now)}, not used yet`;
  return "";
}

function Line(props: { account: Account; now: number }): JSX.Element {
  const { account } = props;
  const name = account.userName || account.displayName || "Account without a name";
  const other = account.displayName && account.displayName !== name ? account.displayName : "";
  const used = lastUsed(account, props.now);
  return (
    <span class="list-main">
      <span class="account-name foreign">{name}</span>
      {other && <span class="small foreign">{other}</span>}
      {used && <span class="small soft">{used}</span>}
      {account.pending && (
        <span class="small">
          <Tag tone="warn">Unconfirmed</Tag>{" "}
          <span class="soft">The site never said that it got this one. It may not work.</span>
        </span>
      )}
    </span>
  );
}

export function Accounts(props: {
  accounts: readonly Account[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
  now: number;
  legend: string;
}): JSX.Element | null {
  const name = useId();
  const [only] = props.accounts;
  if (!only) return null;
  if (props.accounts.length === 1) {
    return (
      <div class="account account-only">
        <Line account={only} now={props.now} />
      </div>
    );
  }
  return (
    <fieldset class="stack-s">
      <legend class="small soft">{props.legend}</legend>
      <div class="accounts">
        {props.accounts.map((account, index) => (
          <label key={account.id} class="account">
            <input
              type="radio"
              name={name}
              value={account.id}
              checked={account.id === props.chosen}
              ref={index === 0 ? focusStill : null}
              onChange={() => props.onChoose(account.id)}
            />
            <Line account={account} now={props.now} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
