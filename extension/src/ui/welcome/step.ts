/** Which step of the setup comes next: decided from what is so, never from what was clicked. */
import type { ConnectionState } from "../../shared/host";

export type Step = "host" | "sites" | "vault" | "unlock" | "damaged" | "phrase" | "pair" | "done";

export interface Facts {
  readonly connection: ConnectionState;
  /** May the extension run on websites? undefined: not known yet. */
  readonly sites: boolean | undefined;
  /** A recovery phrase was made in this page and the person has not shown yet that they kept it. */
  readonly phraseOpen: boolean;
}

export function stepOf({ connection, sites, phraseOpen }: Facts): Step {
  // A phrase that is lost now is lost for good: nothing goes before it.
  if (phraseOpen) return "phrase";
  if (connection.kind !== "ok") return "host";
  if (sites === false) return "sites";
  const { status, paired } = connection;
  if (status.vault === "none") return "vault";
  if (status.vault === "damaged") return "damaged";
  if (paired === "no") return "pair";
  if (status.vault === "locked") return "unlock";
  return paired === "yes" ? "done" : "unlock";
}

/** The names in the list of steps, and which of them `step` belongs to. */
export function progress(step: Step, madeHere: boolean): { names: string[]; current: number } {
  const names = madeHere
    ? ["Connect", "Vault", "Recovery phrase", "This browser"]
    : ["Connect", "Vault", "This browser"];
  const current: Record<Step, number> = {
    host: 0,
    sites: 0,
    vault: 1,
    unlock: 1,
    damaged: 1,
    phrase: 2,
    pair: names.length - 1,
    done: names.length,
  };
  return { names, current: current[step] };
}
