/** The frame of the pages that live in a tab: head, navigation, and what to show while the vault can't be used. */
import { type ComponentChildren, Fragment, type JSX, render } from "preact";
import type { ConnectionState } from "../../shared/host";
import { chooseProfile, retryConnection } from "../../shared/host";
import type { Status } from "../../shared/protocol.gen";
import { command } from "./command";
import { Button, LinkButton } from "./controls";
import { sentence } from "./fault";
import { UnlockForm } from "./secret";
import { Brand, Card, CodeBlock, Notice, Progress, TestBanner } from "./show";

/** Puts a page into its document. */
export function start(page: JSX.Element): void {
  const root = document.getElementById("root");
  if (!root) throw new Error("the page's index.html has no #root");
  render(page, root);
}

export function isTest(connection: ConnectionState): boolean {
  return (
    connection.kind === "ok" &&
    (connection.test || (connection.status.test ?? false) || (connection.hello.test ?? false))
  );
}

/** The name of the vault that answers. */
export function profileOf(connection: ConnectionState): string | undefined {
  return connection.kind === "ok" ? connection.status.profile : undefined;
}

const PLACES = [
  ["vault", "Vault"],
  ["transfer", "Move"],
  ["settings", "Settings"],
] as const;

export function Page(props: {
  here: "vault" | "transfer" | "settings" | "welcome" | "unlock";
  connection: ConnectionState;
  narrow?: boolean;
  head?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const nav = PLACES.some(([name]) => name === props.here);
  return (
    <>
      <TestBanner test={isTest(props.connection)} />
      <header class="page-head no-print">
        <Brand profile={profileOf(props.connection)} />
        {nav && (
          <nav class="page-nav" aria-label="Keyferry">
            {PLACES.map(([name, label]) => (
              <a key={name} href={`../${name}/index.html`} aria-current={props.here === name ? "page" : undefined}>
                {label}
              </a>
            ))}
          </nav>
        )}
        {props.head}
      </header>
      <main class={`page-main ${props.narrow ? "page-narrow" : ""}`}>{props.children}</main>
    </>
  );
}

/** Shows `children` when the vault is open and this browser is connected, and otherwise what to do about it. */
export function Ready(props: {
  connection: ConnectionState;
  what: string;
  children: (status: Status) => ComponentChildren;
}): JSX.Element {
  const { connection } = props;
  if (connection.kind !== "ok") return <Unconnected connection={connection} />;
  const { status } = connection;
  // What is shown of one vault is not kept for another.
  if (status.vault === "unlocked" && connection.paired === "yes")
    return <Fragment key={status.profile}>{props.children(status)}</Fragment>;
  if (status.vault === "damaged") return <Damaged profile={status.profile} />;
  if (status.vault === "none" || connection.paired === "no") {
    return (
      <Card>
        <Notice
          title={status.vault === "none" ? "There is no vault yet" : "This browser isn't connected to your vault"}
        >
          {status.vault === "none"
            ? "Making one takes about two minutes."
            : "Connecting it takes a minute and your passphrase."}
        </Notice>
        <div>
          <LinkButton kind="primary" href="../welcome/index.html">
            Set up Keyferry
          </LinkButton>
        </div>
      </Card>
    );
  }
  if (status.vault === "unlocked") return <Progress label="Looking up this browser…" />;
  return (
    <Card title={`Unlock Keyferry to ${props.what}`} id="unlock">
      <UnlockForm status={status} />
    </Card>
  );
}

/** A vault that failed its check. */
export function Damaged(props: { profile: string }): JSX.Element {
  return (
    <div class="stack">
      <Notice tone="bad" title="The vault failed its check">
        Something in the vault's files is not as Keyferry left it. What is intact can still be read; nothing is written
        until this is settled. Run this command: it says what is affected and offers to save the rest.
      </Notice>
      <CodeBlock code={command("doctor vault", props.profile)} label="the command" />
    </div>
  );
}

/** No usable host: says which of the reasons, and the way on. */
export function Unconnected(props: {
  connection: Exclude<ConnectionState, { kind: "ok" }>;
  compact?: boolean;
}): JSX.Element {
  const { connection } = props;
  switch (connection.kind) {
    case "connecting":
      return <Progress label="Looking for Keyferry on this computer…" />;
    case "host-missing":
      return (
        <div class="stack">
          <Notice tone="warn" title="Keyferry isn't set up on this computer">
            This extension needs the Keyferry program, which keeps your passkeys. Your passkeys, if you have any, are
            untouched.
          </Notice>
          <div>
            <LinkButton kind="primary" href="../welcome/index.html" tab={props.compact ?? false}>
              Set it up
            </LinkButton>
          </div>
        </div>
      );
    case "too-old":
      return (
        <div class="stack">
          <Notice
            tone="warn"
            title={connection.update === "host" ? "The Keyferry program is too old" : "This extension is too old"}
          >
            {sentence(connection.message)} Your passkeys are untouched.{" "}
            {connection.update === "host"
              ? "Update the Keyferry program, then try again."
              : "Update the extension in your browser, then try again."}
          </Notice>
          <Again />
        </div>
      );
    case "unknown-caller":
      return (
        <Notice tone="bad" title="Keyferry doesn't know this extension">
          {sentence(connection.message)} Keyferry answers its own extension only. Install the extension from Keyferry's
          page, or the Keyferry program that belongs to this one.
        </Notice>
      );
    case "no-profile":
      return (
        <div class="stack">
          <Notice tone="warn" title="The vault of this browser isn't there">
            {sentence(connection.message)} If it is on a disk that isn't connected, connect it and try again. Nothing
            was changed.
          </Notice>
          <div class="row">
            <Button kind="primary" onPress={() => void retryConnection()}>
              Try again
            </Button>
            <Button onPress={() => void chooseProfile("default")}>Use the vault “default” from now on</Button>
          </div>
        </div>
      );
    case "failed":
      return (
        <div class="stack">
          <Notice tone="bad" title="Keyferry stopped working">
            {sentence(connection.message)} Your passkeys are untouched.
          </Notice>
          <Again />
        </div>
      );
  }
}

function Again(): JSX.Element {
  return (
    <div>
      <Button kind="primary" onPress={() => void retryConnection()}>
        Try again
      </Button>
    </div>
  );
}
