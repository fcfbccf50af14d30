/** The ways to open the vault: passphrases, the recovery phrase, the login keyring. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Slot, Status } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Button, Form } from "../common/controls";
import { useFresh } from "../common/fresh";
import { Phrase } from "../common/Phrase";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { useAnswer } from "../common/use";
import { day } from "../common/words";
import { PassphraseForm } from "./PassphraseForm";

const KINDS = { passphrase: "Passphrase", recovery: "Recovery phrase", keyring: "Login keyring" } as const;
type Adding = "" | keyof typeof KINDS;

export function Ways(props: { status: Status }): JSX.Element {
  const slots = useAnswer("slots.list", {});
  const [adding, setAdding] = useState<Adding>("");
  const [phrase, setPhrase] = useState<readonly string[]>();
  const [said, setSaid] = useState("");
  const all = slots.value?.slots ?? [];
  const changed = (text: string): void => {
    setSaid(text);
    setAdding("");
    slots.again();
  };
  if (phrase) return <Phrase words={phrase} onKept={() => setPhrase(undefined)} />;
  return (
    <Card title="Ways to open the vault" id="ways">
      <p class="soft">Each of these opens the whole vault on its own. At least one always stays.</p>
      {said && (
        <Notice tone="good" live>
          {said}
        </Notice>
      )}
      {!slots.value && (slots.fault ? <FaultNotice fault={slots.fault} /> : <Progress label="Looking…" />)}
      {all.length > 0 && (
        <ul class="list">
          {all.map(slot => (
            <Way key={slot.id} slot={slot} status={props.status} last={all.length === 1} onChanged={changed} />
          ))}
        </ul>
      )}
      {slots.value && !all.some(s => s.kind === "recovery") && (
        <Notice tone="warn" title="No recovery phrase">
          If you forget your passphrase, nothing opens this vault. Make a recovery phrase and keep it on paper.
        </Notice>
      )}
      {adding === "" ? (
        <div class="row">
          <Button onPress={() => setAdding("recovery")}>New recovery phrase</Button>
          <Button onPress={() => setAdding("passphrase")}>Another passphrase</Button>
          {!all.some(s => s.kind === "keyring") && (
            <Button onPress={() => setAdding("keyring")}>Open with the login</Button>
          )}
        </div>
      ) : (
        <Add
          kind={adding}
          status={props.status}
          onCancel={() => setAdding("")}
          onAdded={words => {
            if (words) setPhrase(words);
            changed(`${KINDS[adding]} added.`);
          }}
        />
      )}
    </Card>
  );
}

function Way(props: { slot: Slot; status: Status; last: boolean; onChanged: (text: string) => void }): JSX.Element {
  const { slot } = props;
  const [changing, setChanging] = useState(false);
  const fresh = useFresh(props.status, "Confirm in Keyferry's dialog.");
  const name = slot.label ? `${KINDS[slot.kind]}: ${slot.label}` : KINDS[slot.kind];
  return (
    <li class="line">
      <span class="list-main">
        <strong class="foreign">{name}</strong>
        <span class="small soft">Since {day(slot.createdAt)}</span>
      </span>
      {changing ? (
        <PassphraseForm
          status={props.status}
          submit="Change the passphrase"
          onCancel={() => setChanging(false)}
          send={async (body, signal) => {
            await ask("slots.change", { id: slot.id, ...body }, signal);
          }}
          onDone={() => {
            setChanging(false);
            props.onChanged("Passphrase changed. The old one no longer opens the vault's current files.");
          }}
        />
      ) : (
        <div class="line-actions">
          {slot.kind === "passphrase" && (
            <Button small onPress={() => setChanging(true)} label={`Change ${name}`}>
              Change
            </Button>
          )}
          {!props.last && (
            <Confirm
              label="Remove"
              small
              accessibleLabel={`Remove ${name}`}
              title={`Remove “${name}”?`}
              yes="Remove it"
              busy={fresh.action.busy !== undefined}
              onYes={() =>
                fresh.run(async (proven, signal) => {
                  await ask("slots.remove", { id: slot.id, ...proven }, signal);
                  props.onChanged(`${name} removed. The vault has new keys.`);
                })
              }
            >
              <p>
                It no longer opens the vault from now on, and the vault's keys are changed. Copies of the vault's files
                made before still open with it.
              </p>
              {slot.kind === "recovery" && <p>Without a recovery phrase, a forgotten passphrase means a lost vault.</p>}
              {fresh.proof}
              {fresh.state}
            </Confirm>
          )}
        </div>
      )}
    </li>
  );
}

const ABOUT: Record<Exclude<Adding, "">, string> = {
  passphrase: "A second passphrase, for example for somebody you trust. Either one opens the vault.",
  recovery: "A list of words to keep on paper. Older recovery phrases stay good until you remove them.",
  keyring:
    "The vault then opens by itself once you have logged in to this computer. Whoever is logged in as you can open it; it never counts as a proof that it is you, and it doesn't reopen the vault after you have locked it.",
};

function Add(props: {
  kind: Exclude<Adding, "">;
  status: Status;
  onCancel: () => void;
  onAdded: (phrase: readonly string[] | undefined) => void;
}): JSX.Element {
  const { kind } = props;
  const fresh = useFresh(props.status, "Confirm in Keyferry's dialog.");
  return (
    <div class="part">
      <h3>{kind === "keyring" ? "Open with the login" : `New ${KINDS[kind].toLowerCase()}`}</h3>
      <p>{ABOUT[kind]}</p>
      {kind === "passphrase" ? (
        <PassphraseForm
          status={props.status}
          submit="Add the passphrase"
          labelled
          onCancel={props.onCancel}
          send={async (body, signal) => {
            await ask("slots.add", { kind, ...body }, signal);
          }}
          onDone={() => props.onAdded(undefined)}
        />
      ) : (
        <Form
          onSubmit={() => {
            void fresh.run(async (proven, signal) => {
              const added = await ask("slots.add", { kind, ...proven }, signal);
              props.onAdded(added.recoveryPhrase);
            });
          }}
        >
          {fresh.proof}
          {fresh.state}
          <div class="row">
            <Button kind="primary" submit busy={fresh.action.busy !== undefined}>
              {kind === "recovery" ? "Make the phrase" : "Turn it on"}
            </Button>
            <Button onPress={props.onCancel}>Cancel</Button>
          </div>
        </Form>
      )}
    </div>
  );
}
