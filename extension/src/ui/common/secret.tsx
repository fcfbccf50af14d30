/**
 * Asking for the person's secret. Keyferry's own dialog does it wherever one can be shown, and then the pages only
 * wait; these fields are for systems without one. Every place that asks offers the way back by recovery phrase.
 */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { openPage } from "../../shared/browser";
import { ask } from "../../shared/host";
import type { Secret, Status } from "../../shared/protocol.gen";
import { Button, Form } from "./controls";
import { PhraseField, SecretField } from "./fields";
import { FaultNotice, Notice, Progress } from "./show";
import { type Action, useAction } from "./use";
import { phraseWords } from "./words";

/** Shown while Keyferry's own dialog has the floor. */
export function WaitingForDialog(props: { what: string; onCancel?: () => void }): JSX.Element {
  return (
    <div class="stack-s">
      <Progress
        label={`${props.what} Keyferry has opened a small window of its own. If you don't see it, it may be behind this one.`}
      />
      {props.onCancel && (
        <div>
          <Button small onPress={props.onCancel}>
            Stop waiting
          </Button>
        </div>
      )}
    </div>
  );
}

/** The recovery phrase, from every place that asks for the passphrase. */
export function RecoveryForm(props: {
  action: Action;
  onPhrase: (phrase: string) => void;
  onBack?: () => void;
  submit?: string;
}): JSX.Element {
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState(false);
  const words = phraseWords(typed);
  return (
    <Form
      onSubmit={() => {
        setMissing(words.length === 0);
        if (words.length > 0) props.onPhrase(words.join(" "));
      }}
    >
      <p>
        Your recovery phrase opens the vault when the passphrase is forgotten. It is the list of words that you wrote
        down when the vault was made.
      </p>
      <PhraseField
        label="Recovery phrase"
        value={typed}
        onInput={setTyped}
        autoFocus
        error={missing ? "Type the words of your phrase, with spaces between them." : undefined}
      />
      <FaultNotice fault={props.action.fault} />
      <div class="row">
        <Button kind="primary" submit busy={props.action.busy !== undefined}>
          {props.submit ?? "Open with this phrase"}
        </Button>
        {props.onBack && <Button onPress={props.onBack}>Back</Button>}
      </div>
      <p class="small soft">
        Without passphrase and without phrase nobody can open the vault, Keyferry's makers included.
      </p>
    </Form>
  );
}

/**
 * Opens the vault: by Keyferry's dialog, or by the passphrase here where there is none. A forgotten passphrase leads to
 * the settings page, where the phrase opens the vault and a new passphrase is set in one go; where that can't be (this
 * browser is not connected yet) the phrase is taken in place.
 */
export function UnlockForm(props: {
  status: Status;
  forgotHere?: boolean;
  intro?: ComponentChildren;
  autoFocus?: boolean;
  /** With the recovery phrase, where that opened it. */
  onUnlocked?: (recovery: string | undefined) => void;
}): JSX.Element {
  const [way, setWay] = useState<"passphrase" | "recovery">("passphrase");
  const [typed, setTyped] = useState("");
  const [here, setHere] = useState(props.status.dialog === "none");
  const [noPin, setNoPin] = useState(false);
  const action = useAction();
  const unlock = (secret: Secret | undefined): void => {
    void action.run(async signal => {
      try {
        await ask("unlock", secret ? { secret } : {}, signal);
      } catch (error) {
        if ((error as { name?: string }).name !== "no-dialog") throw error;
        setHere(true);
        return;
      }
      setTyped("");
      props.onUnlocked?.(secret?.recovery);
    });
  };
  if (way === "recovery") {
    return (
      <RecoveryForm
        action={action}
        onPhrase={recovery => unlock({ recovery })}
        onBack={() => {
          action.clear();
          setWay("passphrase");
        }}
      />
    );
  }
  const pin = (props.status.pin ?? false) && !noPin;
  return (
    <Form
      onSubmit={() => {
        if (!here) unlock(undefined);
        else if (typed) unlock(pin ? { pin: typed } : { passphrase: typed });
      }}
    >
      {props.intro}
      {here && (
        <SecretField
          key={String(pin)}
          label={pin ? "PIN" : "Passphrase"}
          digits={pin}
          value={typed}
          onInput={setTyped}
          autoFocus={props.autoFocus ?? true}
          error={action.fault?.name === "wrong-secret" ? action.fault.text : undefined}
        />
      )}
      {action.busy && !here && (
        <WaitingForDialog what="Type your passphrase in Keyferry's dialog." onCancel={action.cancel} />
      )}
      {!(here && action.fault?.name === "wrong-secret") && <FaultNotice fault={action.fault} />}
      <div class="row">
        <Button kind="primary" submit busy={action.busy !== undefined} autoFocus={!here && (props.autoFocus ?? true)}>
          {action.busy && here ? "Unlocking…" : "Unlock"}
        </Button>
        <Button
          kind="quiet"
          onPress={() => {
            action.cancel();
            action.clear();
            setTyped("");
            if (pin && here) setNoPin(true);
            else if (props.forgotHere) setWay("recovery");
            else void openPage("settings", { forgot: "yes" });
          }}
        >
          {pin && here ? "Use the passphrase instead" : "Forgot passphrase?"}
        </Button>
      </div>
    </Form>
  );
}

/**
 * The fresh proof that some changes take, however recently the vault was opened. Where Keyferry has a dialog it asks
 * there and this is one sentence; else it is a field. The recovery phrase is the other way in both cases.
 */
export function Proof(props: {
  here: boolean;
  secret: Secret;
  onSecret: (secret: Secret) => void;
  wrong?: string | undefined;
}): JSX.Element {
  const [recovery, setRecovery] = useState(false);
  const passphrase = props.here ? (
    <SecretField
      label="Your passphrase"
      value={props.secret.passphrase ?? ""}
      onInput={typed => props.onSecret({ passphrase: typed })}
      error={props.wrong}
    />
  ) : (
    <p class="small soft">Keyferry will ask for your passphrase in its own window.</p>
  );
  return (
    <div class="stack-s">
      {recovery ? (
        <PhraseField
          label="Recovery phrase"
          value={props.secret.recovery ?? ""}
          onInput={typed => props.onSecret({ recovery: typed })}
          error={props.wrong}
        />
      ) : (
        passphrase
      )}
      <div>
        <Button
          kind="quiet"
          small
          onPress={() => {
            props.onSecret(recovery ? {} : { recovery: "" });
            setRecovery(!recovery);
          }}
        >
          {recovery ? "Use the passphrase" : "Forgot passphrase? Use the recovery phrase"}
        </Button>
      </div>
    </div>
  );
}

/** A new passphrase with honest feedback, typed once: it can be looked at instead of being typed twice. */
export function NewPassphrase(props: {
  value: string;
  onInput: (value: string) => void;
  strength: Strength;
  autoFocus?: boolean;
  error?: string | undefined;
}): JSX.Element {
  const { strength } = props;
  return (
    <div class="stack-s">
      <SecretField
        label="New passphrase"
        value={props.value}
        onInput={props.onInput}
        fresh
        autoFocus={props.autoFocus ?? false}
        error={props.error}
        hint="Several unrelated words are strong and easy to remember. Nobody can reset it for you."
      />
      {props.value && (
        <div class="verdict">
          {strength.verdict && (
            <Notice tone={strength.accept ? "good" : "warn"} live>
              {strength.verdict}
            </Notice>
          )}
        </div>
      )}
    </div>
  );
}

export interface Strength {
  readonly verdict: string;
  readonly accept: boolean;
}
