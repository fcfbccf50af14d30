/** Where on the page one is; the address remembers it, so that going back and opening anew work. */
import { useCallback, useEffect, useState } from "preact/hooks";

export const WAYS = [
  "out-app",
  "out-computer",
  "out-backup",
  "out-file",
  "in-app",
  "in-computer",
  "in-backup",
  "in-file",
] as const;
export type Way = (typeof WAYS)[number];

export type Place =
  | { readonly at: "start" }
  | { readonly at: Way }
  | { readonly at: "transfer" | "open"; readonly id: string };

const TRANSFER = "transfer=";
/** A file that was opened from the desktop (background/opened.ts). */
const OPEN = "open=";

/** Reads a place from an address's fragment. */
export function placeOf(hash: string): Place {
  const name = hash.replace(/^#/, "");
  const way = WAYS.find(w => w === name);
  if (way) return { at: way };
  if (name.startsWith(TRANSFER) && name.length > TRANSFER.length)
    return { at: "transfer", id: name.slice(TRANSFER.length) };
  if (name.startsWith(OPEN) && name.length > OPEN.length) return { at: "open", id: name.slice(OPEN.length) };
  return { at: "start" };
}

export function hashOf(place: Place): string {
  if (place.at === "start") return "";
  if (place.at === "open") return `${OPEN}${place.id}`;
  return place.at === "transfer" ? `${TRANSFER}${place.id}` : place.at;
}

/** The place, and how to go to another one. */
export function usePlace(): [Place, (place: Place) => void] {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const look = (): void => setPlace(placeOf(location.hash));
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const go = useCallback((next: Place) => {
    location.hash = hashOf(next);
  }, []);
  return [place, go];
}
