/** Keeps up with one transfer, which lives in the agent: this page may come and go. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, onEvent } from "../../shared/host";
import type { Transfer } from "../../shared/protocol.gen";
import { type Fault, faultOf } from "../common/fault";

/** How long one question to the agent waits for a change, in milliseconds; it allows 20 seconds at most. */
const WAIT_MS = 15_000;

export interface Followed {
  readonly transfer: Transfer | undefined;
  readonly fault: Fault | undefined;
  /** Takes over what the agent just answered, and goes on from there. */
  set(transfer: Transfer): void;
  /** Asks the agent how things stand, where an error may have changed that. */
  again(): void;
}

/** States that end by themselves, so that there is something to wait for. */
export const WORKING: ReadonlySet<string> = new Set(["reading", "exchanging", "storing", "writing", "receiving"]);

export function useTransfer(id: string): Followed {
  const [transfer, setTransfer] = useState<Transfer>();
  const [fault, setFault] = useState<Fault>();
  const state = transfer?.state;

  // One question at a time: the first says how things stand, later ones wait until that is no longer so.
  useEffect(() => {
    if (state !== undefined && !WORKING.has(state)) return;
    const end = new AbortController();
    const body = state === undefined ? { id } : { id, not: state, waitMs: WAIT_MS };
    const look = async (): Promise<void> => {
      for (;;) {
        const now = await ask("transfer.get", body, end.signal);
        if (end.signal.aborted) return;
        setTransfer(now);
        setFault(undefined);
        if (now.state !== state) return;
      }
    };
    look().catch(error => {
      if (!end.signal.aborted) setFault(faultOf(error));
    });
    return () => end.abort();
  }, [id, state]);

  useEffect(() => {
    const end = new AbortController();
    onEvent(
      "transfer.progress",
      p => {
        if (p.id !== id) return;
        setTransfer(old => (old && old.state === p.state ? { ...old, ...p } : old));
      },
      end.signal,
    );
    return () => end.abort();
  }, [id]);

  const set = useCallback((next: Transfer) => {
    setFault(undefined);
    setTransfer(next);
  }, []);
  const again = useCallback(() => {
    ask("transfer.get", { id }).then(set, error => setFault(faultOf(error)));
  }, [id, set]);
  return { transfer, fault, set, again };
}
