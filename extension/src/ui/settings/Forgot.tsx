/**
 * The way back by recovery phrase, in one go: the phrase opens the vault, and as it is also the proof that a new
 * passphrase takes, that one is set right away. Every "Forgot passphrase?" leads here.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Slot, Status } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { RecoveryForm } from "../common/secret";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { day } from "../common/words";
import { PassphraseForm } from "./PassphraseForm";

export function Forgot(props: { status: Status; onDone: () => void }): JSX.Element {
  const [phrase, setPhrase] = useState<string>();
  const action = useAction();
  const open = props.status.vault === "unlocked";
  return (
    <div class="stack">
      <h1>{phrase && open ? "Choose a new passphrase" : "Forgot your passphrase?"}</h1>
      {phrase && open ? (
        <Renew status={props.status} phrase={phrase} onDone={props.onDone} />
      ) : (
        <Card>
          <RecoveryForm
            action={action}
            onBack={props.onDone}
            onPhrase={recovery =>
              void action.run(async signal => {
                if (!open) await ask("unlock", { secret: { recovery } }, signal);
                setPhrase(recovery);
              })
            }
          />
        </Card>
      )}
    </div>
  );
}

function Renew(props: { status: Status; phrase: string; onDone: () => void }): JSX.Element {
  const slots = useAnswer("slots.list", {});
  const [chosen, setChosen] = useState<string>();
  const [done, setDone] = useState(false);
  if (done) {
    return (
      <Card>
        <Notice tone="good" title="The new passphrase is set" live>
          It opens your vault from now on; the old one doesn't. Your recovery phrase stays as it is.
        </Notice>
        <div>
          <Button kind="primary" autoFocus onPress={props.onDone}>
            Go to settings
          </Button>
        </div>
      </Card>
    );
  }
  if (!slots.value) return slots.fault ? <FaultNotice fault={slots.fault} /> : <Progress label="Looking…" />;
  const passphrases = slots.value.slots.filter(s => s.kind === "passphrase");
  const slot = passphrases.find(s => s.id === chosen) ?? passphrases[0];
  return (
    <Card>
      <Notice tone="good" title="The vault is open" live>
        Set a new passphrase now, so that you don't need the phrase again next time.
      </Notice>
      {passphrases.length > 1 && <Which slots={passphrases} chosen={slot?.id} onChoose={setChosen} />}
      <PassphraseForm
        status={props.status}
        proven={{ recovery: props.phrase }}
        submit="Set the new passphrase"
        send={async (body, signal) => {
          if (slot) await ask("slots.change", { id: slot.id, ...body }, signal);
          else await ask("slots.add", { kind: "passphrase", ...body }, signal);
        }}
        onDone={() => setDone(true)}
        onCancel={props.onDone}
      />
    </Card>
  );
}

function Which(props: {
  slots: readonly Slot[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}): JSX.Element {
  return (
    <fieldset class="field">
      <legend>Which passphrase did you forget?</legend>
      {props.slots.map(slot => (
        <label key={slot.id} class="row">
          <input
            type="radio"
            name="which"
            checked={slot.id === props.chosen}
            onChange={() => props.onChoose(slot.id)}
          />
          <span class="foreign">
            {slot.label || "Passphrase"} (since {day(slot.createdAt)})
          </span>
        </label>
      ))}
    </fieldset>
  );
}
