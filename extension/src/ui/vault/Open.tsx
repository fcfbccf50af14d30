/** One entry, opened: what is known about it, another name for it, the way to the trash. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Entry, Rename } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Field } from "../common/fields";
import { FaultNotice, Notice, Progress } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { moment } from "../common/words";

const ALGORITHMS: Readonly<Record<string, string>> = {
  ES256: "ES256 (elliptic curve P-256)",
  ES384: "ES384 (elliptic curve P-384)",
  EdDSA: "EdDSA (Ed25519)",
  RS256: "RS256 (RSA)",
};

export function Open(props: { entry: Entry; onChanged: () => void; onTrashed: () => void }): JSX.Element {
  const shown = useAnswer("show", { id: props.entry.id });
  const [renaming, setRenaming] = useState(false);
  const action = useAction();
  const entry = shown.value ?? props.entry;
  if (shown.loading && !shown.value) {
    return (
      <div class="entry-open">
        <Progress label="Opening…" />
      </div>
    );
  }
  return (
    <div class="entry-open stack">
      <FaultNotice fault={shown.fault} />
      {entry.pending && (
        <Notice tone="warn" title="Unconfirmed">
          The site never said that it got this passkey. If you can't sign in with it, move it to the trash.
        </Notice>
      )}
      {renaming ? (
        <RenameForm
          entry={entry}
          onDone={changed => {
            setRenaming(false);
            if (changed) {
              shown.set(changed);
              props.onChanged();
            }
          }}
        />
      ) : (
        <>
          <dl class="entry-facts">
            <Fact name="Site" value={entry.rpId} />
            <Fact name="User name" value={entry.userName} />
            <Fact name="Display name" value={entry.displayName} />
            <Fact name="Saved" value={entry.createdAt ? moment(entry.createdAt) : ""} />
            <Fact
              name="Changed"
              value={entry.modifiedAt && entry.modifiedAt !== entry.createdAt ? moment(entry.modifiedAt) : ""}
            />
            <Fact name="Last used" value={entry.usedAt ? moment(entry.usedAt) : "Never"} />
            <Fact name="Kind of key" value={entry.algorithm ? (ALGORITHMS[entry.algorithm] ?? entry.algorithm) : ""} />
          </dl>
          <FaultNotice fault={action.fault} />
          <div class="row">
            <Button onPress={() => setRenaming(true)}>Rename</Button>
            <Button
              kind="warning"
              busy={action.busy !== undefined}
              onPress={() =>
                void action.run(async signal => {
                  await ask("trash", { id: entry.id }, signal);
                  props.onTrashed();
                })
              }
            >
              Move to trash
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function Fact(props: { name: string; value: string | undefined }): JSX.Element | null {
  if (!props.value) return null;
  return (
    <>
      <dt>{props.name}</dt>
      <dd class="foreign">{props.value}</dd>
    </>
  );
}

function RenameForm(props: { entry: Entry; onDone: (changed: Entry | undefined) => void }): JSX.Element {
  const { entry } = props;
  const [title, setTitle] = useState(entry.title);
  const [userName, setUserName] = useState(entry.userName ?? "");
  const [displayName, setDisplayName] = useState(entry.displayName ?? "");
  const action = useAction();
  const passkey = entry.kind === "passkey";
  const save = (): void => {
    const body: Rename = { id: entry.id };
    if (title.trim() && title !== entry.title) body.title = title.trim();
    if (userName.trim() && userName !== entry.userName) body.userName = userName.trim();
    if (displayName.trim() && displayName !== entry.displayName) body.displayName = displayName.trim();
    if (Object.keys(body).length === 1) props.onDone(undefined);
    else void action.run(async signal => props.onDone(await ask("rename", body, signal)));
  };
  return (
    <form
      class="stack"
      aria-label={`Rename ${entry.title}`}
      onSubmit={event => {
        event.preventDefault();
        save();
      }}
      onKeyDown={event => event.key === "Escape" && props.onDone(undefined)}
    >
      <Field label="Name in your vault" value={title} onInput={setTitle} maxLength={200} autoFocus />
      {passkey && (
        <>
          <Field
            label="User name"
            value={userName}
            onInput={setUserName}
            maxLength={200}
            hint="Shown when you choose an account. It changes nothing at the site."
          />
          <Field label="Display name" value={displayName} onInput={setDisplayName} maxLength={200} />
        </>
      )}
      <FaultNotice fault={action.fault} />
      <div class="row">
        <Button kind="primary" submit busy={action.busy !== undefined}>
          Save
        </Button>
        <Button onPress={() => props.onDone(undefined)}>Cancel</Button>
      </div>
    </form>
  );
}
