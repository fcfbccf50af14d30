/** All set: what to try, and what private windows need. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { allowedInPrivate, browserKind, openExtensionSettings } from "../../shared/browser";
import { Button, LinkButton } from "../common/controls";
import { Card, Notice } from "../common/show";

export function Done(props: { madeHere: boolean }): JSX.Element {
  return (
    <>
      <Notice tone="good" title="Everything is in place" live>
        {props.madeHere
          ? "Your vault is made, you have your recovery phrase, and this browser is connected."
          : "Your vault is open and this browser is connected to it."}
      </Notice>
      <Card title="Try it" id="try">
        <ol class="facts">
          <li>Go to a website where you have an account and open its security settings.</li>
          <li>Choose “Create a passkey” (some say “Add a passkey”).</li>
          <li>Keyferry asks you in a window like this browser's own. Press Enter to say yes.</li>
        </ol>
        <p class="soft">
          To try it without an account, use the test page at{" "}
          <a href="https://webauthn.io/" target="_blank" rel="noopener noreferrer">
            webauthn.io
          </a>
          .
        </p>
        <div class="row">
          <LinkButton kind="primary" href="../vault/index.html">
            Open the vault
          </LinkButton>
          <LinkButton href="../settings/index.html">Settings</LinkButton>
        </div>
      </Card>
      <PrivateWindows />
    </>
  );
}

function PrivateWindows(): JSX.Element | null {
  const [allowed, setAllowed] = useState<boolean>();
  useEffect(() => {
    const look = (): void => {
      allowedInPrivate().then(setAllowed, () => setAllowed(undefined));
    };
    look();
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, []);
  if (allowed === undefined) return null;
  const firefox = browserKind === "firefox";
  const called = firefox ? "private windows" : "Incognito windows";
  return (
    <Card title={firefox ? "Private windows" : "Incognito windows"} id="private">
      {allowed ? (
        <p>Keyferry works in {called}, too. What you do there is not written into its log.</p>
      ) : (
        <>
          <p>
            Keyferry does not work in {called} unless you allow it. {firefox ? "Firefox" : "Your browser"} decides that,
            not Keyferry. What you do there is never written into its log.
          </p>
          {firefox ? (
            <p>
              To allow it, type <code>about:addons</code> into the address bar, choose Keyferry, and set “Run in Private
              Windows” to Allow.
            </p>
          ) : (
            <div>
              <Button onPress={() => void openExtensionSettings()}>Open the extension's settings</Button>
            </div>
          )}
        </>
      )}
    </Card>
  );
}
