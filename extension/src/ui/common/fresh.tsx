/**
 * Changes that take a fresh proof of the person, however recently the vault was opened: Keyferry's dialog asks, or
 * this page where no dialog can be shown. One hook, so that every such form asks, waits and fails alike.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Secret, Status } from "../../shared/protocol.gen";
import { faultOf } from "./fault";
import { Proof, WaitingForDialog } from "./secret";
import { FaultNotice } from "./show";
import { type Action, useAction } from "./use";
import { phraseWords } from "./words";

/** What a request's body takes besides what it is about: the secret where it was asked for here, else nothing. */
export type Proven = { secret?: Secret };

export interface Fresh {
  readonly action: Action;
  /** Is the secret asked for in this page? */
  readonly here: boolean;
  /** The field for the secret, or one sentence about the dialog. */
  readonly proof: JSX.Element;
  /** What is going on: the wait for the dialog, or what went wrong. */
  readonly state: JSX.Element;
  /** Does `work` with the proof. Resolves to true when it was done. */
  run(work: (proven: Proven, signal: AbortSignal) => Promise<void>): Promise<boolean>;
}

export function useFresh(status: Status, what: string): Fresh {
  const action = useAction();
  const [here, setHere] = useState(status.dialog === "none");
  const [secret, setSecret] = useState<Secret>({});
  const [missing, setMissing] = useState(false);
  const typed = here || secret.recovery !== undefined;
  const wrong = action.fault?.name === "wrong-secret" && typed ? action.fault.text : undefined;

  const run: Fresh["run"] = async work => {
    const ready = secret.recovery ? { recovery: phraseWords(secret.recovery).join(" ") } : secret;
    const asked = here || secret.recovery !== undefined;
    const empty = !ready.passphrase && !ready.recovery;
    setMissing(asked && empty);
    if (asked && empty) return false;
    let asksHere = false;
    const done = await action.run(async signal => {
      try {
        await work(asked ? { secret: ready } : {}, signal);
      } catch (error) {
        if (faultOf(error).name !== "no-dialog") throw error;
        asksHere = true;
      }
    });
    if (asksHere) setHere(true);
    if (done && !asksHere) setSecret({});
    return done && !asksHere;
  };

  return {
    action,
    here,
    run,
    proof: (
      <Proof
        here={here}
        secret={secret}
        onSecret={setSecret}
        wrong={wrong ?? (missing ? "This is needed first." : undefined)}
      />
    ),
    state: (
      <>
        {action.busy && !typed && <WaitingForDialog what={what} onCancel={action.cancel} />}
        {!wrong && <FaultNotice fault={action.fault} />}
      </>
    ),
  };
}
