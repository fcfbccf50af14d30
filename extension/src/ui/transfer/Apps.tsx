/** The apps on this computer that passkeys can be handed to, or come from, without a file in between. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Provider, ProviderIgnored } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { sentence } from "../common/fault";
import { Card, FaultNotice, Notice, Progress, Tag } from "../common/show";
import { type Action, useAction, useAnswer } from "../common/use";
import { count } from "../common/words";
import { typeName } from "./words";

export function Apps(props: {
  out: boolean;
  onBack: () => void;
  onBegun: (id: string) => void;
  onOther: () => void;
}): JSX.Element {
  const { out } = props;
  const list = useAnswer("transfer.providers", { out });
  const action = useAction();
  const providers = list.value?.providers ?? [];
  const begin = (provider: Provider): void => {
    const body = { kind: "direct", provider: provider.id };
    void action
      .run(async signal => {
        const { id } = await (out ? ask("transfer.export", body, signal) : ask("transfer.import", body, signal));
        props.onBegun(id);
      }, provider.id)
      .then(done => done || list.again()); // what was listed may be there no more
  };
  return (
    <>
      <Card title={out ? "Apps that can take your passkeys" : "Apps that can give you passkeys"} id="apps">
        <FaultNotice fault={list.fault ?? action.fault} />
        {!list.value && list.loading && <Progress label="Looking for apps…" />}
        {list.value && providers.length === 0 && <Nobody out={out} onOther={props.onOther} />}
        <ul class="list">
          {providers.map(provider => (
            <li key={provider.id} class="transfer-door">
              <App provider={provider} />
              <Choose provider={provider} action={action} onPress={() => begin(provider)} />
            </li>
          ))}
        </ul>
        <div class="row">
          <Button small busy={list.loading} onPress={list.again}>
            Look again
          </Button>
        </div>
      </Card>
      <Ignored ignored={list.value?.ignored ?? []} />
      <div class="row">
        <Button onPress={props.onBack}>Back</Button>
        {out && <span class="small soft">Nothing leaves yet: you see it all first, and choose.</span>}
      </div>
    </>
  );
}

function Choose(props: { provider: Provider; action: Action; onPress: () => void }): JSX.Element {
  return (
    <Button busy={props.action.busy !== undefined} onPress={props.onPress} label={`Choose: ${props.provider.name}`}>
      {props.action.busy === props.provider.id ? "Looking…" : "Choose"}
    </Button>
  );
}

function Nobody(props: { out: boolean; onOther: () => void }): JSX.Element {
  return (
    <Notice title="No other app on this computer takes part yet">
      <p>
        An app shows up here by itself once it is installed and knows how to exchange passkeys directly. If you use one
        that should, open it once, then look again.
      </p>
      <p>
        Until then there are other ways:{" "}
        {props.out
          ? "a file for another manager, another computer, or an encrypted backup."
          : "a file that another manager made, another computer, or a backup."}
      </p>
      <div class="row">
        <Button onPress={props.onOther}>
          {props.out ? "Make a file for another manager" : "Open another manager's file"}
        </Button>
      </div>
    </Notice>
  );
}

/** Who it says it is, and beside that what is known of it. */
export function App(props: { provider: Provider }): JSX.Element {
  const { provider } = props;
  return (
    <>
      <span class="app-icon" aria-hidden="true">
        {provider.icon ? (
          <img src={provider.icon} alt="" width="40" height="40" />
        ) : (
          [...provider.name][0]?.toUpperCase()
        )}
      </span>
      <div class="list-main">
        <span>
          <strong class="foreign">{provider.name || "An app without a name"}</strong> <StateTag provider={provider} />
        </span>
        <span class="small soft foreign">Calls itself {provider.rpId}</span>
        <span class="small">{takes(provider)}</span>
        <span class="small">
          Program: <code class="foreign">{provider.program}</code>
          {provider.script && (
            <>
              {" "}
              with <code class="foreign">{provider.script}</code>
            </>
          )}
        </span>
        <span class="small">
          {provider.system
            ? "Installed for this whole computer: nobody but its administrator could have put it there."
            : "Registered for you alone: any program that you ran could have put it there."}
        </span>
        <Excludes provider={provider} />
      </div>
    </>
  );
}

function takes(provider: Provider): string {
  const types = provider.types ?? [];
  if (types.length === 0) return "Handles everything that a vault can hold.";
  return `Handles ${types.map(typeName).join(", ")}.`;
}

/** The sites for which it takes no logins. Nobody has to care before something of theirs stays behind. */
function Excludes(props: { provider: Provider }): JSX.Element | null {
  const { excludes = 0, excludedSites = [] } = props.provider;
  if (excludes === 0) return null;
  const more = excludes - excludedSites.length;
  return (
    <details class="details small">
      <summary>Takes no logins for {count(excludes, "site")}</summary>
      <p>
        <span class="foreign">{excludedSites.join(", ")}</span>
        {more > 0 && (excludedSites.length > 0 ? `, and ${more} more` : "Too many sites to list them here")}. What you
        have for them stays in your vault.
      </p>
    </details>
  );
}

function StateTag(props: { provider: Provider }): JSX.Element | null {
  const { state } = props.provider;
  if (state === "known") return <Tag tone="good">Used before</Tag>;
  return <Tag tone="warn">{state === "first-use" ? "New" : "Changed"}</Tag>;
}

function Ignored(props: { ignored: readonly ProviderIgnored[] }): JSX.Element | null {
  if (props.ignored.length === 0) return null;
  return (
    <details class="details">
      <summary>Apps that Keyferry does not use</summary>
      <ul class="remarks">
        {props.ignored.map(one => (
          <li key={one.file}>
            <code class="foreign">{one.file}</code>: <span class="foreign">{sentence(one.reason)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What to be warned of before this app is used; it takes a second yes. */
export function Warning(props: {
  provider: Provider;
  out: boolean;
  sure: boolean;
  onSure: (sure: boolean) => void;
  error?: string | undefined;
}): JSX.Element | null {
  const { provider, out } = props;
  const [title, text] = WARNINGS[provider.state] ?? [];
  return (
    <>
      {provider.suspicious && (
        <Notice tone="warn" title="This name looks dressed up">
          It has signs in it that can make it look like another one. The program's path above says what would be
          started.
        </Notice>
      )}
      {title && (
        <Notice tone="warn" title={title}>
          <p>{text}</p>
          <label class="option">
            <input
              type="checkbox"
              checked={props.sure}
              aria-invalid={props.error ? "true" : undefined}
              onChange={event => props.onSure(event.currentTarget.checked)}
            />
            <span>
              {out
                ? "I know this program, and it may have what I move out."
                : "I know this program, and want to take what it gives."}
            </span>
          </label>
          <div class="field-error" role="alert">
            {props.error}
          </div>
        </Notice>
      )}
    </>
  );
}

const WARNINGS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  "first-use": [
    "You have not exchanged anything with this app before",
    "Its name is its own word. Make sure that the program above is the one you mean: whoever gets your passkeys can sign in as you.",
  ],
  "program-changed": [
    "This app's program is not the one of last time",
    "It may have been updated, or something else may have taken its place. Go on only if you know why it changed.",
  ],
  "registration-changed": [
    "This app is registered differently than last time",
    "Its name, its icon, what it takes or the way it is started is another one. It may have been updated, or something else may have taken its place. Go on only if you know why it changed.",
  ],
};

/** The person's second yes to an app. It is for the app as they were warned of it: another change takes another yes. */
export function useSure(provider: Provider | undefined): [sure: boolean, setSure: (sure: boolean) => void] {
  const which = provider ? `${provider.id} ${provider.state}` : "";
  const [sureOf, setSureOf] = useState("");
  return [which !== "" && sureOf === which, sure => setSureOf(sure ? which : "")];
}

/** Whether this app takes a second yes. */
export const warns = (provider: Provider | undefined): boolean => provider !== undefined && provider.state in WARNINGS;
