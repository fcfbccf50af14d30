/** When the vault locks, and how long a proof of the person counts. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Settings, Status } from "../../shared/protocol.gen";
import { Button, Form, Switch } from "../common/controls";
import { Choice } from "../common/fields";
import { useFresh } from "../common/fresh";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { useAnswer } from "../common/use";
import { choices } from "./choices";

const MINUTE = 60_000;
const LOCK_AFTER = [1, 5, 10, 15, 30, 60, 120, 240, 480, 720].map(n => n * MINUTE);
const VERIFY_FOR = [0, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE];

export function Locking(props: { status: Status }): JSX.Element {
  const answer = useAnswer("settings.get", {});
  const [draft, setDraft] = useState<Settings>();
  const [saved, setSaved] = useState(false);
  const fresh = useFresh(props.status, "Confirm the change in Keyferry's dialog.");
  const now = draft ?? answer.value;
  const change = (more: Partial<Settings>): void => {
    setSaved(false);
    if (now) setDraft({ ...now, ...more });
  };
  return (
    <Card title="Locking" id="locking">
      {!now && (answer.fault ? <FaultNotice fault={answer.fault} /> : <Progress label="Looking…" />)}
      {now && (
        <Form
          onSubmit={() => {
            if (!draft) return;
            void fresh.run(async (proven, signal) => {
              answer.set(await ask("settings.set", { ...draft, ...proven }, signal));
              setDraft(undefined);
              setSaved(true);
            });
          }}
        >
          <Choice
            label="Lock after"
            value={now.lockAfterMs}
            options={choices(LOCK_AFTER, now.lockAfterMs)}
            onChange={lockAfterMs => change({ lockAfterMs })}
            hint="Counted from the last time you said yes to something. What websites do on their own doesn't count."
          />
          <Switch
            label="Lock when the screen locks"
            checked={now.lockOnScreen}
            onChange={lockOnScreen => change({ lockOnScreen })}
          />
          <Switch
            label="Lock when the computer sleeps"
            checked={now.lockOnSuspend}
            onChange={lockOnSuspend => change({ lockOnSuspend })}
          />
          <Choice
            label="Don't ask again for"
            value={now.verifyForMs}
            options={choices(VERIFY_FOR, now.verifyForMs, "ask every time")}
            onChange={verifyForMs => change({ verifyForMs })}
            hint="Some sites want to be sure that it is you. After you have typed your passphrase once, this is how long it counts in the same browser."
          />
          {draft && (
            <>
              {fresh.proof}
              {fresh.state}
              <div class="row">
                <Button kind="primary" submit busy={fresh.action.busy !== undefined}>
                  Save changes
                </Button>
                <Button
                  onPress={() => {
                    fresh.action.cancel();
                    fresh.action.clear();
                    setDraft(undefined);
                  }}
                >
                  Discard
                </Button>
              </div>
            </>
          )}
          {saved && (
            <Notice tone="good" live>
              Saved.
            </Notice>
          )}
        </Form>
      )}
    </Card>
  );
}
