/** "My passphrase was seen": new keys for everything, and what that can't undo. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Status } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { useFresh } from "../common/fresh";
import { Card, Notice } from "../common/show";

export function Seen(props: { status: Status }): JSX.Element {
  const fresh = useFresh(props.status, "Confirm in Keyferry's dialog.");
  const [done, setDone] = useState(false);
  return (
    <Card title="If somebody saw your passphrase" id="seen">
      <p>
        First change the passphrase, above. Then make new keys for the vault: what was copied from its files before no
        longer helps to read what is stored from now on.
      </p>
      <p class="soft">
        It can't call back a copy that was taken while the old passphrase was good. If you think one was, make new
        passkeys at the sites that matter.
      </p>
      {done && (
        <Notice tone="good" title="The vault has new keys" live>
          Your passphrases and phrases stay as they are.
        </Notice>
      )}
      <Confirm
        label="Make new keys…"
        title="Make new keys for the vault?"
        yes="Make new keys"
        no="Not now"
        busy={fresh.action.busy !== undefined}
        onYes={() =>
          fresh.run(async (proven, signal) => {
            setDone(false);
            await ask("rekey", proven, signal);
            setDone(true);
          })
        }
      >
        <p>Nothing is lost and nothing needs to be set up again. It may take a few minutes.</p>
        {fresh.proof}
        {fresh.state}
      </Confirm>
    </Card>
  );
}
