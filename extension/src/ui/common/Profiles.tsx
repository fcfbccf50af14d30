/** Which of the person's vaults this browser uses. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { chooseProfile } from "../../shared/host";
import type { Profile } from "../../shared/protocol.gen";
import { Card, CodeBlock, FaultNotice } from "./show";
import { useAction, useAnswer } from "./use";

/** With `always`, it is shown also where there is nothing to choose, and says how one gets there. */
export function Profiles(props: { always?: boolean }): JSX.Element | null {
  const answer = useAnswer("profiles.list", {});
  const all = answer.value?.profiles ?? [];
  if (all.length < 2 && !props.always) return null;
  return (
    <Card title="Which vault this browser uses" id="profile">
      <FaultNotice fault={answer.fault} />
      {all.length > 1 && <Choose profiles={all} />}
      {all.length === 1 && (
        <>
          <p class="soft">
            There is one, called “{all[0]?.name}”. To keep some passkeys apart, for work say, make another in a
            terminal. Each has a passphrase of its own, and each browser profile uses the one that you choose here.
          </p>
          <CodeBlock code="keyferry --profile work create" label="the command" />
        </>
      )}
    </Card>
  );
}

function Choose(props: { profiles: readonly Profile[] }): JSX.Element {
  const action = useAction();
  const name = useId();
  return (
    <>
      <p class="soft">
        Another vault has other passkeys and a passphrase of its own, and this browser has to be let in there once, too.
      </p>
      <fieldset class="field" aria-labelledby="profile-title">
        {props.profiles.map(profile => (
          <label key={profile.name} class="row">
            <input
              type="radio"
              name={name}
              checked={profile.current ?? false}
              disabled={action.busy !== undefined}
              onChange={() =>
                void action.run(async () => {
                  await chooseProfile(profile.name);
                }, profile.name)
              }
            />
            <span class="foreign">{profile.name}</span>
          </label>
        ))}
      </fieldset>
      <FaultNotice fault={action.fault} />
    </>
  );
}
