/** What one sees behind the toolbar button: open or locked, what is stored for this site, the doors to the pages. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { currentTab, openPage } from "../../shared/browser";
import { ask, type ConnectionState } from "../../shared/host";
import type { Status } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Damaged, isTest, profileOf, Unconnected } from "../common/page";
import { UnlockForm } from "../common/secret";
import { Brand, FaultNotice, Notice, Progress, TestBanner } from "../common/show";
import { useAction, useConnection } from "../common/use";
import { ThisSite } from "./ThisSite";

type Tab = Awaited<ReturnType<typeof currentTab>>;

export function Popup(): JSX.Element {
  const connection = useConnection();
  const [tab, setTab] = useState<Tab | "asking">("asking");
  useEffect(() => {
    currentTab().then(setTab, () => setTab(undefined));
  }, []);
  return (
    <>
      <TestBanner test={isTest(connection)} />
      <header class="popup-head">
        <Brand profile={profileOf(connection)} />
        {connection.kind === "ok" && <Lock status={connection.status} />}
      </header>
      <main class="popup-main stack">
        <h1 class="unseen">Keyferry</h1>
        <Body connection={connection} tab={tab} />
      </main>
      {connection.kind === "ok" && connection.status.vault !== "none" && (
        <nav class="popup-foot" aria-label="Keyferry">
          <Door page="vault" label="Vault" />
          <Door page="transfer" label="Move" />
          <Door page="settings" label="Settings" />
        </nav>
      )}
    </>
  );
}

function Door(props: {
  page: "vault" | "transfer" | "settings" | "welcome";
  label: string;
  primary?: boolean;
}): JSX.Element {
  return (
    <Button
      kind={props.primary ? "primary" : "quiet"}
      onPress={() => {
        void openPage(props.page).then(() => window.close());
      }}
    >
      {props.label}
    </Button>
  );
}

function Lock(props: { status: Status }): JSX.Element | null {
  const action = useAction();
  if (props.status.vault === "locked") return <span class="popup-state">Locked</span>;
  if (props.status.vault !== "unlocked") return null;
  return (
    <div class="row">
      <span class="popup-state">Unlocked</span>
      <Button
        small
        busy={action.busy !== undefined}
        onPress={() =>
          void action.run(async signal => {
            await ask("lock", {}, signal);
          })
        }
      >
        Lock now
      </Button>
      <FaultNotice fault={action.fault} />
    </div>
  );
}

function Body(props: { connection: ConnectionState; tab: Tab | "asking" }): JSX.Element {
  const { connection, tab } = props;
  if (connection.kind !== "ok") return <Unconnected connection={connection} compact />;
  const { status, paired } = connection;
  if (status.vault === "damaged") return <Damaged profile={status.profile} />;
  if (status.vault === "none" || paired === "no") {
    return (
      <>
        <Notice title={status.vault === "none" ? "There is no vault yet" : "This browser isn't connected yet"}>
          {status.vault === "none"
            ? "Making one takes about two minutes."
            : "Your vault is there. This browser just has to be let in."}
        </Notice>
        <Door page="welcome" label="Finish setting up" primary />
      </>
    );
  }
  if (status.vault === "locked") {
    return <UnlockForm status={status} intro={<p>Unlock to see what is stored for this site.</p>} />;
  }
  if (paired === "unknown" || tab === "asking") return <Progress label="Looking…" />;
  return <ThisSite tab={tab} />;
}
