/** The start: what is under way, the ways out, the ways in, and imports that can still be undone. */
import type { ComponentChildren, JSX } from "preact";
import { ask } from "../../shared/host";
import type { Messages, Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Card, FaultNotice, Progress } from "../common/show";
import { type Answer, useAction, useAnswer } from "../common/use";
import { ago } from "../common/words";
import { Imports } from "./Imports";
import { MovedOut } from "./MovedOut";
import type { Place, Way } from "./place";
import { transferName } from "./words";

type Go = (place: Place) => void;

export function Choose(props: { go: Go }): JSX.Element {
  const { go } = props;
  const underWay = useAnswer("transfer.list", {});
  const moved = useAnswer("transfer.moved", {});
  // What stands above comes first, or the ways below would move under the pointer.
  if (!answered(underWay) || !answered(moved)) return <Progress quiet label="Looking…" />;
  return (
    <>
      <UnderWay go={go} list={underWay} />
      <MovedOut list={moved} />
      <Card title="Move out" id="out">
        <p class="soft">
          Your passkeys stay in this vault, too. Keyferry asks for your passphrase in its own window each time something
          leaves, and says there what leaves and to whom.
        </p>
        <ul class="list">
          <Door go={go} way="out-app" label="To an app on this computer" text={<AppNames out />} />
          <Door
            go={go}
            way="out-computer"
            label="To another computer"
            text="To Keyferry, or an app that works with it, on another computer. The file can travel by stick, mail or chat: only the computer that asked for it can open it."
          />
          <Door
            go={go}
            way="out-backup"
            label="To an encrypted backup"
            text="A file that opens with a passphrase of its own. Keep it somewhere else, for the day this computer is gone."
          />
          <Door
            go={go}
            way="out-file"
            label="To another manager"
            text="An encrypted file that Bitwarden, KeePass or Proton Pass can read."
          />
        </ul>
      </Card>
      <Card title="Move in" id="in">
        <p class="soft">You see everything that would come in, and decide, before anything in your vault changes.</p>
        <ul class="list">
          <Door go={go} way="in-app" label="From an app on this computer" text={<AppNames out={false} />} />
          <Door
            go={go}
            way="in-computer"
            label="From another computer"
            text="Make a request here, take it to the other computer, and bring its answer back."
          />
          <Door go={go} way="in-backup" label="From a backup" text="A backup that Keyferry made, and its passphrase." />
          <Door
            go={go}
            way="in-file"
            label="From another manager"
            text="A file that Bitwarden, KeePass, Proton Pass, 1Password, a browser or another manager made."
          />
        </ul>
      </Card>
      <Imports />
    </>
  );
}

const answered = (list: Answer<unknown>): boolean => list.value !== undefined || list.fault !== undefined;

/** Which apps there are, so that nobody has to go and look. They have a line of their own from the beginning. */
function AppNames(props: { out: boolean }): JSX.Element {
  const list = useAnswer("transfer.providers", { out: props.out });
  const names = (list.value?.providers ?? []).map(p => p.name || p.rpId);
  const shown = names.slice(0, 3);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  return (
    <>
      Straight {props.out ? "to" : "from"} it, encrypted, without a file.
      <br />
      {!answered(list) && "Looking for apps…"}
      {list.value && names.length === 0 && "None takes part yet."}
      {names.length > 0 && (
        <>
          Here: <span class="foreign">{shown.join(", ")}</span>.
        </>
      )}
    </>
  );
}

function Door(props: { go: Go; way: Way; label: string; text: ComponentChildren }): JSX.Element {
  return (
    <li class="transfer-door">
      <span class="list-main">
        <strong>{props.label}</strong>
        <span class="small soft">{props.text}</span>
      </span>
      <Button onPress={() => props.go({ at: props.way })} label={`Choose: ${props.label}`}>
        Choose
      </Button>
    </li>
  );
}

const STATES: Readonly<Record<string, string>> = {
  receiving: "The file has not arrived completely",
  reading: "Being read",
  exchanging: "Under way between the two apps",
  asking: "Waits for you",
  review: "Waits for your review",
  storing: "Being stored",
  writing: "Being written",
  ready: "Ready to be saved",
  done: "Done",
  failed: "Failed; nothing was changed",
};

/** What this browser began and has not finished, for instance because the page was closed. */
function UnderWay(props: { go: Go; list: Answer<Messages["transfer.list"]["answer"]> }): JSX.Element | null {
  const { list } = props;
  const all = list.value?.transfers ?? [];
  if (list.fault) return <FaultNotice fault={list.fault} />;
  if (all.length === 0) return null;
  return (
    <Card title="Under way" id="under-way">
      <ul class="list">
        {all.map(transfer => (
          <Line key={transfer.id} transfer={transfer} go={props.go} onGone={list.again} />
        ))}
      </ul>
    </Card>
  );
}

function Line(props: { transfer: Transfer; go: Go; onGone: () => void }): JSX.Element {
  const { transfer } = props;
  const action = useAction();
  const name = transferName(transfer);
  const over = transfer.state === "done" || transfer.state === "failed";
  return (
    <li class="transfer-door">
      <span class="list-main">
        <strong>{name}</strong>
        <span class="small soft">
          {STATES[transfer.state] ?? transfer.state}. Begun {ago(transfer.startedAt, Date.now())}.
        </span>
        <FaultNotice fault={action.fault} />
      </span>
      <span class="row">
        <Button kind="primary" onPress={() => props.go({ at: "transfer", id: transfer.id })} label={`Go on: ${name}`}>
          {over ? "Look" : "Go on"}
        </Button>
        <Button
          busy={action.busy !== undefined}
          label={over ? `Forget: ${name}` : `Cancel: ${name}`}
          onPress={() =>
            void action.run(async signal => {
              await ask("transfer.cancel", { id: transfer.id }, signal);
              props.onGone();
            })
          }
        >
          {over ? "Forget" : "Cancel"}
        </Button>
      </span>
    </li>
  );
}
