/** Lists that come in pages: what was fetched so far, and how to get more. */
import { useCallback, useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { AuditLine, AuditQuery, Entry, ListRequest } from "../../shared/protocol.gen";
import type { Fault } from "./fault";
import { useLatest, useSoon } from "./use";

export interface Paged<T> {
  readonly rows: readonly T[];
  readonly total: number | undefined;
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  readonly hasMore: boolean;
  more(): void;
  /** Fetches the list anew from its start. */
  again(): void;
}

interface Got<T> {
  rows: readonly T[];
  next?: string | undefined;
  total?: number;
}

function usePaged<T>(fetchPage: (after: string | undefined, signal: AbortSignal) => Promise<Got<T>>): Paged<T> {
  const [got, setGot] = useState<Got<T>>({ rows: [] });
  const { loading, fault, fetch, stop } = useLatest();

  const load = useCallback(
    (before: Got<T> | undefined): void =>
      fetch(
        signal => fetchPage(before?.next, signal),
        page => setGot(before ? { ...page, rows: [...before.rows, ...page.rows] } : page),
      ),
    [fetch, fetchPage],
  );
  useSoon(
    useCallback(() => load(undefined), [load]),
    stop,
  );

  return {
    rows: got.rows,
    total: got.total,
    loading,
    fault,
    hasMore: got.next !== undefined && got.next !== "",
    more: () => load(got),
    again: () => load(undefined),
  };
}

/** What is stored, by search. */
export function useEntries(query: string, trash: boolean): Paged<Entry> {
  return usePaged(
    useCallback(
      async (after, signal) => {
        const body: ListRequest = { limit: 50 };
        if (query) body.query = query;
        if (after) body.after = after;
        if (trash) body.trash = true;
        const { entries, next, total } = await ask("list", body, signal);
        return { rows: entries, next, total };
      },
      [query, trash],
    ),
  );
}

/** The log inside the vault, newest first. */
export function useAudit(query: string): Paged<AuditLine> {
  return usePaged(
    useCallback(
      async (after, signal) => {
        const body: AuditQuery = { limit: 50 };
        if (query) body.query = query;
        if (after) body.after = after;
        const { lines, next } = await ask("audit", body, signal);
        return { rows: lines, next };
      },
      [query],
    ),
  );
}
