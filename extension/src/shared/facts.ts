/**
 * The few facts that content scripts read without waking the background, in storage.local: whether the host is there,
 * and where Keyferry is switched off (the host knows that only while the vault is open).
 */
export const FACTS_KEY = "facts";

export interface StoredFacts {
  /** The host answered the last time anybody asked, and this browser is not known to be unpaired. */
  ready: boolean;
  /** Registrable domains (or hosts that have none) where the person switched Keyferry off. */
  sitesOff: string[];
}

/** Whether an origin belongs to one of the sites: its host is the site or below it. */
export function siteIsOff(origin: string, sitesOff: readonly string[]): boolean {
  if (!/^https?:/.test(origin)) return false;
  const host = new URL(origin).hostname;
  return sitesOff.some(site => host === site || host.endsWith(`.${site}`));
}
