/** The vault owner's choices, one card each. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Profiles } from "../common/Profiles";
import { Page, profileOf, Ready } from "../common/page";
import { useConnection } from "../common/use";
import { Browsers } from "./Browsers";
import { Forgot } from "./Forgot";
import { Health } from "./Health";
import { Locking } from "./Locking";
import { Pin } from "./Pin";
import { Seen } from "./Seen";
import { SitesOff } from "./SitesOff";
import { Ways } from "./Ways";

const CONTENTS = [
  ["locking", "Locking"],
  ["pin", "PIN"],
  ["ways", "Ways to open the vault"],
  ["seen", "If somebody saw your passphrase"],
  ["browsers", "Connected browsers"],
  ["sites", "Sites without Keyferry"],
  ["health", "Health of the vault"],
] as const;

export function SettingsPage(): JSX.Element {
  const connection = useConnection();
  const [forgot, setForgot] = useState(() => new URLSearchParams(location.search).has("forgot"));
  if (forgot && connection.kind === "ok" && /^(un)?locked$/.test(connection.status.vault)) {
    return (
      <Page here="settings" connection={connection} narrow>
        <Forgot
          status={connection.status}
          onDone={() => {
            history.replaceState(null, "", location.pathname);
            setForgot(false);
          }}
        />
      </Page>
    );
  }
  return (
    <Page here="settings" connection={connection}>
      <div class="stack">
        <h1>Settings</h1>
        <Ready connection={connection} what="see your settings">
          {status => (
            <div class="settings-parts">
              <nav aria-label="On this page" class="contents">
                {CONTENTS.map(([id, name]) => (
                  <a key={id} href={`#${id}`}>
                    {name}
                  </a>
                ))}
              </nav>
              <div class="stack">
                <Locking status={status} />
                <Pin status={status} />
                <Ways status={status} />
                <Seen status={status} />
                <Browsers />
                <SitesOff />
                <Health profile={status.profile} />
              </div>
            </div>
          )}
        </Ready>
        {connection.kind === "ok" && <Profiles key={profileOf(connection)} always />}
      </div>
    </Page>
  );
}
