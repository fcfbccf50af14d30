/** The approve window: site, account, consequence, decision. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { onPictureInPicture } from "../../shared/host";
import type { CeremonyView, Secret } from "../../shared/protocol.gen";
import { buttonClass, focusOnce } from "../common/controls";
import { PhraseField, SecretField } from "../common/fields";
import { FaultNotice, Mark, Notice, Progress, TestBanner } from "../common/show";
import { phraseWords } from "../common/words";
import { Accounts, ordered } from "./Accounts";
import { useCeremony } from "./ceremony";
import { type Guard, guard } from "./guard";
import { consequence, title, What } from "./What";

interface Armed {
  armed: boolean;
  waitMs: number;
  blocked: boolean;
}

/** A control that decides. It has no click handler: guard.ts tells when the person really pressed it. */
function Decide(props: {
  act: string;
  kind: "primary" | "secondary" | "quiet";
  isDefault?: boolean;
  off: boolean;
  focus?: boolean;
  describedBy?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="button"
      class={buttonClass(props.kind, false, props.kind !== "quiet")}
      data-act={props.act}
      data-default={props.isDefault ? "yes" : undefined}
      aria-disabled={props.off ? "true" : undefined}
      aria-describedby={props.describedBy}
      ref={props.focus ? focusOnce : null}
    >
      {props.children}
    </button>
  );
}

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
  const here = view?.verify === "here";
  const locked = view?.state === "locked";
  const pin = (view?.pin ?? false) && !noPin;

  // Whatever the person would say yes to is part of this key: when it changes they have to look again.
  // What was typed to unlock is not what the next question asks for.
  useEffect(() => {
    setTyped("");
    setRecovering(false);
    setMissing(false);
  }, [view?.state, view?.verify]);

  const substance = view ? `${view.state} ${view.hash} ${view.verify} ${recovering}` : phase.kind;
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
    if (name === "close") window.close();
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
    <Frame test={view.test ?? false}>
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
      {!locked && view.verify === "dialog" && !busy && (
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

function yesText(view: CeremonyView, recovering: boolean): string {
  if (recovering) return "Open with this phrase";
  if (view.state === "locked") return "Unlock";
  if (view.excluded) return "Tell the site";
  return view.kind === "create" ? "Save passkey" : "Sign in";
}

function Decisions(props: {
  view: CeremonyView;
  recovering: boolean;
  /** A PIN is asked for here: the passphrase is the other way. */
  pin: boolean;
  here: boolean;
  off: boolean;
  state: Armed;
  several: boolean;
}): JSX.Element {
  const { view, recovering, off } = props;
  const asksSecret = view.state === "locked" || view.verify !== "none";
  return (
    <div class="decisions">
      <Arm state={props.state} />
      <Decide
        act="yes"
        kind="primary"
        isDefault
        off={off}
        focus={!props.here && !recovering && !props.several}
        describedBy="consequence"
      >
        {yesText(view, recovering)}
      </Decide>
      {!recovering && (
        <Decide act="other" kind="secondary" off={!props.state.armed}>
          Use another device instead
        </Decide>
      )}
      <div class="row row-spread">
        {asksSecret ? (
          <Decide act={recovering ? "back" : props.pin ? "passphrase" : "forgot"} kind="quiet" off={off}>
            {recovering ? "Back to the passphrase" : props.pin ? "Use the passphrase instead" : "Forgot passphrase?"}
          </Decide>
        ) : (
          <span />
        )}
        <Decide act="cancel" kind="quiet" off={!props.state.armed}>
          Cancel <kbd>Esc</kbd>
        </Decide>
      </div>
    </div>
  );
}

/** The wait made visible: a thin bar that fills while the window takes no input yet. */
function Arm(props: { state: Armed }): JSX.Element {
  const waiting = !props.state.armed && Number.isFinite(props.state.waitMs);
  return (
    <div class="arm" aria-hidden="true">
      <div
        class={`arm-bar ${props.state.armed ? "arm-full" : waiting ? "arm-filling" : ""}`}
        style={waiting ? { animationDuration: `${props.state.waitMs}ms` } : undefined}
      />
    </div>
  );
}

function Frame(props: { test: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <TestBanner test={props.test} />
      <header class="approve-head">
        <span class="brand">
          <Mark />
          Keyferry
        </span>
      </header>
      <main class="approve-main stack">{props.children}</main>
    </>
  );
}
