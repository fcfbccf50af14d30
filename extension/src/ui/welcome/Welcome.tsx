/** Setting up, one thing at a time. What comes next follows from what is so (step.ts): closing the page loses nothing. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { hasHostPermission, onHostPermission } from "../../shared/browser";
import { LinkButton } from "../common/controls";
import { Phrase } from "../common/Phrase";
import { Profiles } from "../common/Profiles";
import { Damaged, Page, profileOf } from "../common/page";
import { UnlockForm } from "../common/secret";
import { Card, Notice, Steps } from "../common/show";
import { useConnection } from "../common/use";
import { Done } from "./Done";
import { Host, Sites } from "./Host";
import { MakeVault } from "./MakeVault";
import { Pair } from "./Pair";
import { progress, stepOf } from "./step";

export function Welcome(): JSX.Element {
  const connection = useConnection();
  const [sites, setSites] = useState<boolean>();
  const [phrase, setPhrase] = useState<readonly string[]>();
  const [madeHere, setMadeHere] = useState(false);
  /** The recovery phrase that opened the vault here: it lets this browser in, too, so that it is asked for once. */
  const [recovered, setRecovered] = useState<string>();
  useEffect(() => {
    const end = new AbortController();
    hasHostPermission().then(setSites, () => setSites(false));
    onHostPermission(setSites, end.signal);
    return () => end.abort();
  }, []);

  const step = stepOf({ connection, sites, phraseOpen: phrase !== undefined });
  const { names, current } = progress(step, madeHere || step === "vault");
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  // A new step: say so to screen readers, and let the keyboard go on from its top.
  // Not at the first one, where the page itself is read.
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = step === "host" && connection.kind === "connecting";
  }, [step, connection.kind]);

  return (
    <Page here="welcome" connection={connection} narrow>
      <div class="welcome-page">
        <div class="stack no-print">
          <h1 ref={heading} tabIndex={-1}>
            {TITLES[step]}
          </h1>
          {step === "host" && connection.kind !== "failed" && (
            <p class="lead">
              Keyferry keeps your passkeys on your own computer, signs you in with them, and lets you take them
              elsewhere whenever you like.
            </p>
          )}
          {step !== "done" && <Steps names={names} current={current} />}
        </div>
        {step === "host" && connection.kind !== "ok" && <Host connection={connection} />}
        {step === "sites" && <Sites onGranted={setSites} />}
        {step === "vault" && connection.kind === "ok" && (
          <MakeVault
            status={connection.status}
            onMade={words => {
              setMadeHere(true);
              setPhrase(words);
            }}
          />
        )}
        {step === "damaged" && <Damaged profile={profileOf(connection) ?? ""} />}
        {step === "unlock" && connection.kind === "ok" && (
          <Card>
            <p>There is a vault on this computer already. Unlock it to go on.</p>
            <UnlockForm forgotHere status={connection.status} onUnlocked={setRecovered} />
          </Card>
        )}
        {step === "phrase" && phrase && <Phrase words={phrase} onKept={() => setPhrase(undefined)} />}
        {recovered && step === "done" && (
          <Notice title="Opened with the recovery phrase">
            Your forgotten passphrase still counts until you set a new one.
            <div class="row">
              <LinkButton small href="../settings/index.html?forgot=yes">
                Set a new passphrase
              </LinkButton>
            </div>
          </Notice>
        )}
        {step === "pair" && (
          <Pair
            recovery={recovered}
            onRecovered={setRecovered}
            locked={connection.kind === "ok" && connection.status.vault === "locked"}
            profile={profileOf(connection)}
          />
        )}
        {step === "done" && <Done madeHere={madeHere} />}
        {connection.kind === "ok" && step !== "phrase" && step !== "sites" && <Profiles key={profileOf(connection)} />}
      </div>
    </Page>
  );
}

const TITLES = {
  host: "Welcome to Keyferry",
  sites: "Let Keyferry work on websites",
  vault: "Make your vault",
  unlock: "Unlock your vault",
  damaged: "Your vault needs attention",
  phrase: "Keep your recovery phrase",
  pair: "Connect this browser",
  done: "Keyferry is ready",
} as const;
