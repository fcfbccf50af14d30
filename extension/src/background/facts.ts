/**
 * Keeps the facts that content scripts read (../shared/facts.ts): whether the host is there, and where Keyferry is
 * switched off. Both outlive the worker, and the second the unlocked vault.
 */
import { ext } from "../shared/ext";
import { FACTS_KEY, type StoredFacts, siteIsOff } from "../shared/facts";
import type { SiteInfo, SitesOff } from "../shared/protocol.gen";
import type { ConnectionState } from "../shared/wire";
import type { Host } from "./host";

export class Facts {
  #facts: Promise<StoredFacts>;
  readonly #host: Host;
  /** How the vault was when last heard of. */
  #vault = "";

  constructor(host: Host) {
    this.#host = host;
    this.#facts = load();
    host.onState(state => {
      if (state.kind === "connecting") return;
      void this.#change(f => ({
        ...f,
        ready: state.kind === "ok" && state.paired !== "no" && state.status.vault !== "none",
      }));
      const now = state.kind === "ok" ? state.status.vault : "";
      // The list is in the vault: read it whenever the vault opens.
      if (now === "unlocked" && this.#vault !== now && paired(state)) void this.#readSites();
      this.#vault = now;
    });
  }

  /** Whether the person switched Keyferry off for this origin's site. */
  async siteIsOff(origin: string): Promise<boolean> {
    return siteIsOff(origin, (await this.#facts).sitesOff);
  }

  /** A page switched a site off or on. */
  async siteSet(info: SiteInfo): Promise<void> {
    await this.#change(f => {
      const others = f.sitesOff.filter(s => s !== info.site);
      return { ...f, sitesOff: info.off ? [...others, info.site] : others };
    });
  }

  /** Another vault is used from now on: its list is not the last one's. */
  async forget(): Promise<void> {
    this.#vault = "";
    await this.#change(f => ({ ...f, sitesOff: [] }));
  }

  async #readSites(): Promise<void> {
    try {
      const { sites } = (await this.#host.ask("sites.off", {}, { kind: "background" }).answer) as SitesOff;
      await this.#change(f => ({ ...f, sitesOff: sites ?? [] }));
    } catch {
      // Locked again, or not paired: the list of last time stays good until the next unlocking.
    }
  }

  async #change(make: (facts: StoredFacts) => StoredFacts): Promise<void> {
    const before = await this.#facts;
    const after = make(before);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.#facts = Promise.resolve(after);
    await ext.storage.local.set({ [FACTS_KEY]: after });
  }
}

async function load(): Promise<StoredFacts> {
  const stored = (await ext.storage.local.get(FACTS_KEY))[FACTS_KEY] as StoredFacts | undefined;
  return stored ?? { ready: false, sitesOff: [] };
}

function paired(state: ConnectionState): boolean {
  return state.kind === "ok" && state.paired !== "no";
}
