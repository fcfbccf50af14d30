/** Hooks that every page shares: how things stand with the host, one action at a time, answers that are kept fresh. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, type ConnectionState, connectionState, onConnection, onEvent } from "../../shared/host";
import type { Messages, Status } from "../../shared/protocol.gen";
import { type Fault, faultOf } from "./fault";

/** How things stand with the host, kept up to date. */
export function useConnection(): ConnectionState {
  const [state, setState] = useState<ConnectionState>({ kind: "connecting" });
  useEffect(() => {
    const end = new AbortController();
    const ok = (status: Status): void => setState(old => (old.kind === "ok" ? { ...old, status } : old));
    onConnection(setState, end.signal);
    onEvent("status.changed", ok, end.signal);
    connectionState().then(
      state => !end.signal.aborted && setState(state),
      error => !end.signal.aborted && setState({ kind: "failed", message: faultOf(error).text }),
    );
    return () => end.abort();
  }, []);
  return state;
}

/** One action at a time, with what became of it. */
export interface Action {
  /** What is being done at the moment; undefined when nothing is. */
  readonly busy: string | undefined;
  readonly fault: Fault | undefined;
  /** Does `work` unless something is being done already. Resolves to true when it was done, false when it failed. */
  run(work: (signal: AbortSignal) => Promise<void>, name?: string): Promise<boolean>;
  /** Stops waiting for what is being done, and tells the host. */
  cancel(): void;
  clear(): void;
}

/** An {@link Action} that ends with the component. */
export function useAction(): Action {
  const [busy, setBusy] = useState<string>();
  const [fault, setFault] = useState<Fault>();
  const current = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => current.current?.abort(), []);
  const run = useCallback(async (work: (signal: AbortSignal) => Promise<void>, name = "yes"): Promise<boolean> => {
    if (current.current) return false;
    const control = new AbortController();
    current.current = control;
    setBusy(name);
    setFault(undefined);
    try {
      await work(control.signal);
      return true;
    } catch (error) {
      setFault(faultOf(error));
      return false;
    } finally {
      current.current = undefined;
      setBusy(undefined);
    }
  }, []);
  const cancel = useCallback(
    () => current.current?.abort(new DOMException("cancelled by the person", "AbortError")),
    [],
  );
  const clear = useCallback(() => setFault(undefined), []);
  return { busy, fault, run, cancel, clear };
}

/** Questions of which only the latest counts: a newer one ends the one before. */
export interface Latest {
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  fetch<T>(question: (signal: AbortSignal) => Promise<T>, got: (answer: T) => void): void;
  /** Ends the one that is under way. */
  stop(): void;
}

export function useLatest(): Latest {
  const [loading, setLoading] = useState(true);
  const [fault, setFault] = useState<Fault>();
  const current = useRef<AbortController | undefined>(undefined);
  const stop = useCallback(() => current.current?.abort(), []);
  const fetch = useCallback<Latest["fetch"]>((question, got) => {
    current.current?.abort();
    const end = new AbortController();
    current.current = end;
    setLoading(true);
    question(end.signal).then(
      answer => {
        if (end.signal.aborted) return;
        got(answer);
        setFault(undefined);
        setLoading(false);
      },
      error => {
        if (end.signal.aborted) return;
        setFault(faultOf(error));
        setLoading(false);
      },
    );
  }, []);
  return { loading, fault, fetch, stop };
}

/** How long a list waits for the next key before it asks. */
const PAUSE_MS = 150;

/**
 * Begins a list when it appears and a moment after `begin` changed, and ends what it asked when it changes or goes. The
 * first time it does not wait: nobody is typing yet, and what lies below the list should not move under a pointer.
 */
export function useSoon(begin: () => void, stop: () => void): void {
  const begun = useRef(false);
  useEffect(() => {
    const timer = setTimeout(begin, begun.current ? PAUSE_MS : 0);
    begun.current = true;
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [begin, stop]);
}

/** An answer that is asked for when the component appears and whenever `again` is called or `body` changes. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  readonly loading: boolean;
  again(): void;
  set(value: T): void;
}

export function useAnswer<T extends keyof Messages>(
  type: T,
  body: Messages[T]["request"] | undefined,
): Answer<Messages[T]["answer"]> {
  const [value, set] = useState<Messages[T]["answer"]>();
  const [round, setRound] = useState(0);
  const { loading, fault, fetch, stop } = useLatest();
  const key = JSON.stringify(body);
  // `key` stands for `body`, `round` asks again
  useEffect(() => {
    if (body === undefined) return;
    fetch(signal => ask(type, body, signal), set);
    return stop;
  }, [type, key, round]);
  const again = useCallback(() => setRound(n => n + 1), []);
  return { value, fault, loading, again, set };
}
