/**
 * Which of the person's vaults this browser profile uses: a profile's name, kept in storage.local. The native host checks
 * it; websites and content scripts have no way to it.
 */
import { ext } from "../shared/ext";

const KEY = "profile";
export const DEFAULT_PROFILE = "default";

/** What the host takes for a name (host/paths): anything else in the storage counts as nothing. */
const NAME = /^[a-z0-9]+(-+[a-z0-9]+)*$/;

/** The chosen profile's name. */
export async function chosenProfile(): Promise<string> {
  const name = (await ext.storage.local.get(KEY))[KEY];
  return typeof name === "string" && NAME.test(name) ? name : DEFAULT_PROFILE;
}

/** Chooses a profile from now on. */
export async function storeProfile(name: string): Promise<void> {
  if (name === DEFAULT_PROFILE) await ext.storage.local.remove(KEY);
  else await ext.storage.local.set({ [KEY]: name });
}
