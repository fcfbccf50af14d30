/** The entries of a move out, one page at a time: however many there are, what comes below them is near. */
import { useCallback, useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { TransferEntries, TransferEntry, TransferPlace } from "../../shared/protocol.gen";
import type { Fault } from "../common/fault";
import { useLatest, useSoon } from "../common/use";

export const PAGE = 25;

/** What is looked at. */
export type Filter = Pick<TransferEntries, "status" | "query" | "place" | "kind">;

/** A filter without the members that let everything through. */
export function filterOf(filter: Filter): Filter {
  const { status, query, place, kind } = filter;
  return {
    ...(status ? { status } : {}),
    ...(query ? { query } : {}),
    ...(place ? { place } : {}),
    ...(kind ? { kind } : {}),
  };
}

export interface LeavingRows {
  readonly rows: readonly TransferEntry[];
  readonly places: readonly TransferPlace[];
  readonly first: number;
  readonly total: number | undefined;
  readonly chosen: number;
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  readonly hasMore: boolean;
  readonly hasLess: boolean;
  more(): void;
  less(): void;
  again(): void;
  /** Shows a choice before the agent has answered. */
  change(entry: TransferEntry, choice: "take" | "keep"): void;
}

interface Got {
  readonly rows: readonly TransferEntry[];
  readonly places: readonly TransferPlace[];
  readonly total?: number;
  readonly chosen: number;
  readonly next: number;
  /** Where each page so far began. */
  readonly starts: readonly number[];
}

const NOTHING: Got = { rows: [], places: [], chosen: 0, next: 0, starts: [0] };

export function useLeaving(id: string, filter: Filter): LeavingRows {
  const [got, setGot] = useState<Got>(NOTHING);
  const { loading, fault, fetch, stop } = useLatest();
  const key = JSON.stringify(filterOf(filter));

  const load = useCallback(
    (starts: readonly number[]): void => {
      const after = starts.at(-1) ?? 0;
      const body: TransferEntries = { id, limit: PAGE, ...(after ? { after } : {}), ...(JSON.parse(key) as Filter) };
      fetch(
        signal => ask("transfer.entries", body, signal),
        page =>
          setGot(old => ({
            rows: page.entries,
            places: page.places ?? old.places,
            total: page.total,
            chosen: page.chosen ?? 0,
            next: page.next ?? 0,
            starts,
          })),
      );
    },
    [fetch, id, key],
  );
  useSoon(
    useCallback(() => load([0]), [load]),
    stop,
  );
  const { starts } = got;
  return {
    rows: got.rows,
    places: got.places,
    first: (starts.length - 1) * PAGE,
    total: got.total,
    chosen: got.chosen,
    loading,
    fault,
    hasMore: got.next > 0,
    hasLess: starts.length > 1,
    more: () => load([...starts, got.next]),
    less: () => load(starts.slice(0, -1)),
    again: () => load(starts),
    change: (entry, choice) =>
      setGot(old => ({
        ...old,
        chosen: old.chosen + (choice === entry.choice ? 0 : choice === "take" ? 1 : -1),
        rows: old.rows.map(row => (row.n === entry.n ? { ...row, choice } : row)),
      })),
  };
}
