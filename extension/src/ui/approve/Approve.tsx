/** The approve window: site, account, consequence, decision. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { closeThisPage } from "../../shared/browser";
import { onPictureInPicture } from "../../shared/host";
import type { CeremonyView, Secret } from "../../shared/protocol.gen";
import { PhraseField, SecretField } from "../common/fields";
import { Brand, FaultNotice, Notice, Progress, TestBanner } from "../common/show";
import { phraseWords } from "../common/words";
import { Accounts, ordered } from "./Accounts";
import { useCeremony } from "./ceremony";
import { Arm, type Armed, Decide, Decisions } from "./Decisions";
import { type Guard, guard } from "./guard";
import { consequence, title, What } from "./What";

export function Approve(props: { ceremony: string | undefined }): JSX.Element {
  const ceremony = useCeremony(props.ceremony);
  const { phase } = ceremony;
  const [state, setState] = useState<Armed>({ armed: false, waitMs: Number.POSITIVE_INFINITY, blocked: false });
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState("");
  const [recovering, setRecovering] = useState(false);
  const [missing, setMissing] = useState(false);
  const [noPin, setNoPin] = useState(false);
  const gate = useRef<Guard | undefined>(undefined);
  const act = useRef<(name: string) => void>(() => {});

  useEffect(() => {
    const end = new AbortController();
    const g = guard(window, { onAct: name => act.current(name), onState: setState });
    gate.current = g;
    g.shown();
    onPictureInPicture(open => (open ? g.block("picture-in-picture") : g.unblock("picture-in-picture")), end.signal);
    return () => {
      end.abort();
      g.end();
    };
  }, []);

  const view = phase.kind === "shown" ? phase.view : undefined;
  const accounts = useMemo(() => ordered(view?.accounts ?? []), [view]);
  const account = accounts.find(a => a.id === chosen) ?? accounts[0];
  const busy = phase.kind === "shown" ? phase.busy : undefined;
  const here = phase.kind === "shown" && phase.here;
  const locked = view?.state === "locked";
  const pin = (view?.pin ?? false) && !noPin;

  // Whatever the person would say yes to is part of this key: when it changes they have to look again.
  // What was typed to unlock is not what the next question asks for.
  useEffect(() => {
    setTyped("");
    setRecovering(false);
    setMissing(false);
  }, [view?.state, here]);

  const substance = view ? `${view.state} ${view.hash} ${here} ${recovering}` : phase.kind;
  // Begins the wait anew whenever the substance changes
  useLayoutEffect(() => gate.current?.shown(), [substance]);
  useEffect(() => {
    if (view) document.title = title(view);
  }, [view]);
  useEffect(() => {
    // A phrase stays, to be mended; a passphrase that was wrong is typed anew.
    if (phase.kind === "shown" && phase.fault && !recovering) setTyped("");
  }, [phase, recovering]);

  const secret = (): Secret | undefined => {
    if (recovering) return { recovery: phraseWords(typed).join(" ") };
    if (!here) return undefined;
    return pin ? { pin: typed } : { passphrase: typed };
  };

  act.current = name => {
    if (name === "cancel") {
      if (recovering) setRecovering(false);
      else ceremony.refuse(false);
      return;
    }
    if (name === "close") void closeThisPage();
    if (name === "other") ceremony.refuse(true);
    if (name === "passphrase") {
      setTyped("");
      setNoPin(true);
    }
    if (name === "forgot" || name === "back") {
      setTyped("");
      setMissing(false);
      setRecovering(name === "forgot");
    }
    if (name !== "yes" || busy || !view) return;
    if ((here || recovering) && !typed.trim()) {
      setMissing(true);
      return;
    }
    setMissing(false);
    if (locked) ceremony.unlock(secret());
    else ceremony.approve(view.kind === "get" ? account?.id : undefined, secret());
  };

  if (phase.kind === "loading") {
    return (
      <Frame test={false}>
        <h1 class="unseen">Keyferry asks</h1>
        <Progress label="Asking Keyferry what this is about…" />
      </Frame>
    );
  }
  if (phase.kind === "over" || !view) {
    const over = phase.kind === "over" ? phase : undefined;
    return (
      <Frame test={false}>
        <h1 class="over-title">{over?.title}</h1>
        <Notice tone={over?.tone ?? "info"} live>
          {over?.text}
        </Notice>
        <Decide act="close" kind="secondary" isDefault off={!state.armed} focus>
          Close
        </Decide>
        <Arm state={state} />
      </Frame>
    );
  }

  const off = !state.armed || busy !== undefined;
  const fault = phase.kind === "shown" ? phase.fault : undefined;
  const wrong = fault?.name === "wrong-secret" ? fault.text : missing ? missingText(pin, recovering) : undefined;
  return (
    <Frame test={view.test ?? false} profile={view.profile}>
      <What view={view} />
      {phase.kind === "shown" && phase.changed && (
        <Notice tone="warn" title="What the site asked for has changed" live>
          Nothing was signed. Please look at it again.
        </Notice>
      )}
      {!locked && (
        <Accounts
          accounts={accounts}
          chosen={account?.id}
          onChoose={setChosen}
          now={Date.now()}
          legend="Which account?"
        />
      )}
      {!locked && <p id="consequence">{consequence(view)}</p>}
      {locked && !recovering && (
        <p id="consequence" class="soft">
          {here
            ? "Your passphrase opens the vault; the site never sees it."
            : "Keyferry asks for your passphrase in a small window of its own; the site never sees it."}
        </p>
      )}
      {!locked && view.verify === "dialog" && !here && !busy && (
        <p class="small soft">
          Next, Keyferry asks for your {view.pin ? "PIN" : "passphrase"}: this site wants to be sure that it is you.
        </p>
      )}
      {!recovering && here && (
        <SecretField
          key={String(pin)}
          label={pin ? "PIN" : "Passphrase"}
          digits={pin}
          value={typed}
          onInput={setTyped}
          error={wrong}
          autoFocus
          {...(locked ? {} : { hint: "This site wants to be sure that it is you." })}
        />
      )}
      {recovering && <PhraseField label="Recovery phrase" value={typed} onInput={setTyped} error={wrong} autoFocus />}
      {fault?.name !== "wrong-secret" && <FaultNotice fault={fault} />}
      {busy === "dialog" && (
        <Progress
          label={`Now type your ${view.pin ? "PIN" : "passphrase"} in Keyferry's own small window. If you don't see it, it may be behind this one.`}
        />
      )}
      {busy === "working" && <Progress label={workingText(view)} />}
      {state.blocked && (
        <Notice tone="warn" title="Close the floating window first" live>
          A website has a picture-in-picture window open, which could cover parts of this one. Keyferry takes no answer
          until it is closed.
        </Notice>
      )}
      <Decisions
        view={view}
        recovering={recovering}
        pin={pin && here}
        here={here}
        off={off}
        state={state}
        several={accounts.length > 1}
      />
    </Frame>
  );
}

function missingText(pin: boolean, recovering: boolean): string {
  if (recovering) return "Type the words of your phrase, with spaces between them.";
  return pin ? "Type your PIN first." : "Type your passphrase first.";
}

function workingText(view: CeremonyView): string {
  if (view.state === "locked") return "Unlocking…";
  return view.kind === "create" ? "Making and storing the passkey…" : "Signing in…";
}

function Frame(props: { test: boolean; profile?: string | undefined; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <TestBanner test={props.test} />
      <header class="approve-head">
        <Brand profile={props.profile} />
      </header>
      <main class="approve-main stack">{props.children}</main>
    </>
  );
}
