/** The lower half of the window: the controls that decide, and the wait before they take input. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { CeremonyView } from "../../shared/protocol.gen";
import { buttonClass, focusStill } from "../common/controls";

/** What guard.ts last told. */
export interface Armed {
  armed: boolean;
  waitMs: number;
  blocked: boolean;
}

/** A control that decides. It has no click handler: guard.ts tells when the person really pressed it. */
export function Decide(props: {
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
      ref={props.focus ? focusStill : null}
    >
      {props.children}
    </button>
  );
}

function yesText(view: CeremonyView, recovering: boolean): string {
  if (recovering) return "Open with this phrase";
  if (view.state === "locked") return "Unlock";
  if (view.excluded) return "Tell the site";
  return view.kind === "create" ? "Save passkey" : "Sign in";
}

export function Decisions(props: {
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

const HINT_AFTER_MS = 1500;

/** The wait made visible: a thin bar that fills while the window takes no input yet, and a hint where it lacks the focus. */
export function Arm(props: { state: Armed }): JSX.Element {
  const { armed, blocked, waitMs } = props.state;
  const waiting = !armed && Number.isFinite(waitMs);
  const still = !armed && !waiting && !blocked;
  const [hint, setHint] = useState(false);
  useEffect(() => {
    setHint(false);
    if (!still) return;
    const timer = setTimeout(() => setHint(true), HINT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [still]);
  return (
    <>
      {hint && <p class="small soft">To go on, click anywhere in this window first.</p>}
      <div class="arm" aria-hidden="true">
        <div
          class={`arm-bar ${armed ? "arm-full" : waiting ? "arm-filling" : ""}`}
          style={waiting ? { animationDuration: `${waitMs}ms` } : undefined}
        />
      </div>
    </>
  );
}
