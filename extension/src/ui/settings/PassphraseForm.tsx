/** Setting a passphrase: in Keyferry's dialog where there is one, which then asks for everything; else here. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Secret, Status } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { Field } from "../common/fields";
import { useFresh } from "../common/fresh";
import { NewPassphrase } from "../common/secret";
import { useStrength } from "../common/strength";

export function PassphraseForm(props: {
  status: Status;
  submit: string;
  /** The proof of the person where it was given already. */
  proven?: Secret;
  /** Ask for a label, too. */
  labelled?: boolean;
  send: (body: { secret?: Secret; new?: Secret; label?: string }, signal: AbortSignal) => Promise<void>;
  onDone: () => void;
  onCancel: () => void;
}): JSX.Element {
  const fresh = useFresh(props.status, "Type the old and the new passphrase in Keyferry's dialog.");
  const [typed, setTyped] = useState("");
  const [label, setLabel] = useState("");
  const [error, setError] = useState("");
  const strength = useStrength(fresh.here ? typed : "");
  const send = (): void => {
    if (fresh.here && !strength.accept) {
      setError(typed ? "Make it harder to guess, then go on." : "Choose a passphrase first.");
      return;
    }
    setError("");
    void fresh
      .run(async (proven, signal) => {
        const more = label.trim() ? { label: label.trim() } : {};
        await props.send(
          {
            ...proven,
            ...(props.proven ? { secret: props.proven } : {}),
            ...more,
            ...(fresh.here ? { new: { passphrase: typed } } : {}),
          },
          signal,
        );
      })
      .then(done => done && props.onDone());
  };
  return (
    <Form onSubmit={send}>
      {props.labelled && <Field label="Name for it" value={label} onInput={setLabel} maxLength={60} autoFocus />}
      {!props.proven && fresh.proof}
      {fresh.here && (
        <NewPassphrase
          value={typed}
          onInput={setTyped}
          strength={strength}
          error={strength.accept ? undefined : error}
        />
      )}
      {fresh.state}
      <div class="row">
        <Button kind="primary" submit busy={fresh.action.busy !== undefined}>
          {props.submit}
        </Button>
        <Button
          onPress={() => {
            fresh.action.cancel();
            props.onCancel();
          }}
        >
          Cancel
        </Button>
      </div>
    </Form>
  );
}
