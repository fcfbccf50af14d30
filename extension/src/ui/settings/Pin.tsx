/** A PIN for as long as Keyferry runs, and what it is worth. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Status } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { SecretField } from "../common/fields";
import { useFresh } from "../common/fresh";
import { Card, Notice } from "../common/show";

export function Pin(props: { status: Status }): JSX.Element {
  const fresh = useFresh(props.status, "Confirm in Keyferry's dialog.");
  const has = props.status.pin ?? false;
  const [asking, setAsking] = useState<"" | "set" | "remove">("");
  const [pin, setPin] = useState("");
  const [wrong, setWrong] = useState("");
  const send = (): void => {
    const remove = asking === "remove";
    if (!remove && fresh.here && !/^\d{6,}$/.test(pin)) {
      setWrong("A PIN has six digits or more, and nothing but digits.");
      return;
    }
    setWrong("");
    void fresh
      .run(async (proven, signal) => {
        const fill = !remove && fresh.here ? { new: { pin } } : {};
        await ask("pin.set", { ...(remove ? { remove } : {}), ...fill, ...proven }, signal);
      })
      .then(done => {
        if (!done) return;
        setPin("");
        setAsking("");
      });
  };
  return (
    <Card title="PIN" id="pin">
      <p>
        With a PIN you unlock Keyferry by six or more digits instead of the whole passphrase, for as long as it keeps
        running. Lock now, sleep, 12 hours, or five wrong tries, and it takes the passphrase again.
      </p>
      <p class="soft">
        What a PIN is worth: somebody who can read this computer's memory can copy what the PIN protects and try all
        PINs until one fits. The passphrase alone doesn't have that weakness.
      </p>
      {asking ? (
        <Form onSubmit={send}>
          {asking === "set" && fresh.here && (
            <SecretField label="New PIN" digits fresh value={pin} onInput={setPin} error={wrong} autoFocus />
          )}
          {fresh.proof}
          {fresh.state}
          <div class="row">
            <Button kind="primary" submit busy={fresh.action.busy !== undefined}>
              {asking === "remove" ? "Remove the PIN" : "Set the PIN"}
            </Button>
            <Button
              onPress={() => {
                fresh.action.cancel();
                fresh.action.clear();
                setPin("");
                setAsking("");
              }}
            >
              Cancel
            </Button>
          </div>
        </Form>
      ) : (
        <>
          {has && <Notice tone="good">A PIN is set.</Notice>}
          <div class="row">
            <Button onPress={() => setAsking("set")}>{has ? "Change the PIN" : "Set a PIN"}</Button>
            {has && <Button onPress={() => setAsking("remove")}>Remove the PIN</Button>}
          </div>
        </>
      )}
    </Card>
  );
}
