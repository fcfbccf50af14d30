/** Every state of every page, by name: "page-state". */
import { approveStates } from "./states-approve";
import { setupStates } from "./states-setup";
import { transferStates } from "./states-transfer";
import { vaultStates } from "./states-vault";
import type { State } from "./world";

export const STATES: Readonly<Record<string, State>> = {
  ...approveStates,
  ...setupStates,
  ...vaultStates,
  ...transferStates,
};
