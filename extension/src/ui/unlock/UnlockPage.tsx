/** Only unlocking: opened where something waits for the vault and no other page of ours is there to ask. */
import type { JSX } from "preact";
import { closeThisPage } from "../../shared/browser";
import { Button } from "../common/controls";
import { Page, Ready } from "../common/page";
import { UnlockForm } from "../common/secret";
import { Card, Notice } from "../common/show";
import { useConnection } from "../common/use";

export function UnlockPage(): JSX.Element {
  const connection = useConnection();
  const locked = connection.kind === "ok" && connection.status.vault === "locked" && connection.paired !== "no";
  return (
    <Page here="unlock" connection={connection} narrow>
      <div class="stack">
        <h1>Unlock Keyferry</h1>
        {locked ? (
          <Card>
            <UnlockForm status={connection.status} onUnlocked={() => void closeThisPage()} />
          </Card>
        ) : (
          <Ready connection={connection} what="go on">
            {() => (
              <Card>
                <Notice tone="good" title="Keyferry is unlocked" live>
                  You can close this page and go on where you were.
                </Notice>
                <div>
                  <Button kind="primary" autoFocus onPress={() => void closeThisPage()}>
                    Close
                  </Button>
                </div>
              </Card>
            )}
          </Ready>
        )}
      </div>
    </Page>
  );
}
