/** What is stored for the site in the current tab, and whether Keyferry works there at all. */
import type { JSX } from "preact";
import type { currentTab } from "../../shared/browser";
import { ask } from "../../shared/host";
import type { Account } from "../../shared/protocol.gen";
import { Switch } from "../common/controls";
import { FaultNotice, Notice, Progress, Site, Tag } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { ago, count } from "../common/words";

export function ThisSite(props: { tab: Awaited<ReturnType<typeof currentTab>> }): JSX.Element {
  const origin = props.tab?.origin;
  const info = useAnswer("site.get", origin ? { origin } : undefined);
  const action = useAction();
  if (!origin || info.value?.known === false) {
    return (
      <Notice title="No passkeys on this page">
        Passkeys are for websites with a secure address (https). The browser's own pages and its add-on pages can't use
        them.
      </Notice>
    );
  }
  if (!info.value) return info.fault ? <FaultNotice fault={info.fault} /> : <Progress label="Looking…" />;
  const { site, off, accounts } = info.value;
  return (
    <>
      <Site name={site} detail={accounts.length ? count(accounts.length, "passkey") : "No passkey stored"} />
      {accounts.length > 0 && (
        <ul class="list popup-accounts" aria-label={`Passkeys for ${site}`}>
          {accounts.map(account => (
            <Line key={account.id} account={account} />
          ))}
        </ul>
      )}
      <Switch
        label="Never on this site"
        hint={
          off
            ? "Keyferry stays out of the way here. Your browser handles passkeys by itself."
            : "Turn this on and your browser handles passkeys here by itself."
        }
        checked={off}
        busy={action.busy !== undefined}
        onChange={next =>
          void action.run(async signal => {
            info.set(await ask("site.set", { origin, off: next }, signal));
          })
        }
      />
      <FaultNotice fault={action.fault} />
    </>
  );
}

function Line(props: { account: Account }): JSX.Element {
  const { account } = props;
  const name = account.userName || account.displayName || "Account without a name";
  return (
    <li class="list-main">
      <span class="foreign">{name}</span>
      <span class="small soft">
        {account.usedAt ? `Last used ${ago(account.usedAt, Date.now())}` : "Not used yet"}
        {account.pending && (
          <>
            {" "}
            <Tag tone="warn">Unconfirmed</Tag>
          </>
        )}
      </span>
    </li>
  );
}
