/** The entries of a move in, page by page, by verdict and search; what is chosen changes in place. */
import { useCallback, useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { TransferEntries, TransferEntry } from "../../shared/protocol.gen";
import type { Fault } from "../common/fault";
import { useLatest, useSoon } from "../common/use";

const PAGE = 25;
const BIG_PAGE = 500;

export interface TransferEntryRows {
  readonly rows: readonly TransferEntry[];
  readonly total: number | undefined;
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  readonly hasMore: boolean;
  more(): void;
  again(): void;
  change(n: number, what: Partial<TransferEntry>): void;
}

function bodyOf(
  id: string,
  verdict: TransferEntry["status"] | undefined,
  query: string,
  after: number,
  limit: number,
): TransferEntries {
  return {
    id,
    limit,
    ...(after ? { after } : {}),
    ...(verdict ? { status: verdict } : {}),
    ...(query ? { query } : {}),
  };
}

export function useTransferEntries(
  id: string,
  verdict: TransferEntry["status"] | undefined,
  query: string,
): TransferEntryRows {
  const [rows, setRows] = useState<readonly TransferEntry[]>([]);
  const [total, setTotal] = useState<number>();
  const [next, setNext] = useState(0);
  const { loading, fault, fetch, stop } = useLatest();

  // Without `after` the list begins anew, keeping as many lines as were shown.
  const load = useCallback(
    (after: number, limit: number): void =>
      fetch(
        signal => ask("transfer.entries", bodyOf(id, verdict, query, after, limit), signal),
        page => {
          setRows(old => (after ? [...old, ...page.entries] : page.entries));
          setTotal(page.total);
          setNext(page.next ?? 0);
        },
      ),
    [fetch, id, verdict, query],
  );
  useSoon(
    useCallback(() => load(0, PAGE), [load]),
    stop,
  );
  return {
    rows,
    total,
    loading,
    fault,
    hasMore: next > 0,
    more: () => load(next, PAGE),
    again: () => load(0, Math.min(BIG_PAGE, Math.max(PAGE, rows.length))),
    change: (n, what) => setRows(old => old.map(row => (row.n === n ? { ...row, ...what } : row))),
  };
}

/** Every entry that matches, page by page, for what is done to all of them. */
export async function everyTransferEntry(
  id: string,
  verdict: TransferEntry["status"] | undefined,
  query: string,
  signal: AbortSignal,
): Promise<TransferEntry[]> {
  const all: TransferEntry[] = [];
  let after = 0;
  do {
    const page = await ask("transfer.entries", bodyOf(id, verdict, query, after, BIG_PAGE), signal);
    all.push(...page.entries);
    after = page.next ?? 0;
  } while (after > 0);
  return all;
}
