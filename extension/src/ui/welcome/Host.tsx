/** The first two steps: the program on this computer, and the permission to work on websites. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { browserKind, requestHostPermission } from "../../shared/browser";
import { type ConnectionState, retryConnection } from "../../shared/host";
import { Button } from "../common/controls";
import { Unconnected } from "../common/page";
import { Card, CodeBlock, FaultNotice, Notice, Progress } from "../common/show";
import { useAction } from "../common/use";
import { archiveCommand, checkoutCommand, installCommand, terminalName } from "./commands";

const AGAIN_MS = 2500;

export function Host(props: { connection: Exclude<ConnectionState, { kind: "ok" }> }): JSX.Element {
  const { connection } = props;
  const missing = connection.kind === "host-missing";
  const [asked, setAsked] = useState(false);
  if (missing && !asked) setAsked(true);
  // Looks again by itself: the person runs the command elsewhere and comes back to a page that knows.
  useEffect(() => {
    if (!asked) return;
    const timer = setInterval(() => void retryConnection(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [asked]);
  const browser = thisBrowser();
  const checkout = checkoutCommand(browser);
  // While it looks again the command must stay where it is.
  if (!missing && !(asked && connection.kind === "connecting")) {
    return (
      <Card>
        <Unconnected connection={connection} />
      </Card>
    );
  }
  return (
    <Card title="One command connects the Keyferry program" id="host">
      <p>
        Your passkeys are kept by a program on this computer, not by the browser. Open{" "}
        {terminalName(navigator.userAgent)} and run this:
      </p>
      <CodeBlock code={installCommand(browser)} label="the command" />
      <Progress label="Waiting for it. This page goes on by itself." />
      <details>
        <summary>The terminal says it doesn't know “keyferry”?</summary>
        <p class="soft">
          Then the program is not installed, or not where the terminal looks. It depends on what you have:
        </p>
        <p class="soft">An unpacked archive: go to its folder, and run</p>
        <CodeBlock code={archiveCommand(browser)} label="the command for an unpacked archive" />
        {checkout && (
          <>
            <p class="soft">A checkout of the source: go to its folder, and run</p>
            <CodeBlock code={checkout} label="the command for a checkout" />
          </>
        )}
        <p class="soft">
          A package of your system needs no command for most browsers: install it, and this page goes on. Neither of
          them? Get the program from where you got this extension; there is no download page yet.
        </p>
      </details>
    </Card>
  );
}

function thisBrowser(): Parameters<typeof installCommand>[0] {
  const data = (navigator as { userAgentData?: { brands?: ReadonlyArray<{ brand: string }> } }).userAgentData;
  return {
    userAgent: navigator.userAgent,
    brands: data?.brands?.map(b => b.brand) ?? [],
    firefox: browserKind === "firefox",
  };
}

/** Firefox grants access to websites only when the person says so. */
export function Sites(props: { onGranted: (granted: boolean) => void }): JSX.Element {
  const action = useAction();
  const [refused, setRefused] = useState(false);
  return (
    <Card>
      <p>
        When a website asks for a passkey, Keyferry has to hear it. Firefox asks you whether that is all right. Keyferry
        reads nothing else on the pages and sends nothing anywhere.
      </p>
      {refused && (
        <Notice tone="warn" title="Not allowed yet" live>
          Without it Keyferry can't answer any website. You can allow it here at any time.
        </Notice>
      )}
      <FaultNotice fault={action.fault} />
      <div>
        <Button
          kind="primary"
          busy={action.busy !== undefined}
          onPress={() => {
            const asked = requestHostPermission(); // first thing: the browser wants it within the click
            void action.run(async () => {
              const granted = await asked;
              setRefused(!granted);
              props.onGranted(granted);
            });
          }}
        >
          Allow Keyferry on websites
        </Button>
      </div>
    </Card>
  );
}
