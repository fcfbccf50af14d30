/** Only unlocking: opened where something waits for the vault and no other page of ours is there to ask. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, LinkButton } from "../common/controls";
import { Page, Ready } from "../common/page";
import { UnlockForm } from "../common/secret";
import { Card, Notice } from "../common/show";
import { useConnection } from "../common/use";

export function UnlockPage(): JSX.Element {
  const connection = useConnection();
  const [how, setHow] = useState<"passphrase" | "recovery">();
  const locked = connection.kind === "ok" && connection.status.vault === "locked";
  return (
    <Page here="unlock" connection={connection} narrow>
      <div class="stack">
        <h1>Unlock Keyferry</h1>
        {locked ? (
          <Card>
            <UnlockForm
              status={connection.status}
              onUnlocked={way => {
                setHow(way);
                if (way === "passphrase") window.close();
              }}
            />
          </Card>
        ) : (
          <Ready connection={connection} what="go on">
            {() => (
              <Card>
                <Notice tone="good" title="Keyferry is unlocked" live>
                  {how === "recovery"
                    ? "It was opened with the recovery phrase. Your old passphrase still counts: set a new one in Settings."
                    : "You can close this page and go on where you were."}
                </Notice>
                <div class="row">
                  {how === "recovery" ? (
                    <LinkButton kind="primary" href="../settings/index.html#ways">
                      Set a new passphrase
                    </LinkButton>
                  ) : (
                    <Button kind="primary" autoFocus onPress={() => window.close()}>
                      Close
                    </Button>
                  )}
                </div>
              </Card>
            )}
          </Ready>
        )}
      </div>
    </Page>
  );
}
