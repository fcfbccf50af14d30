/** The preview state that the page's address names: `?state=NAME`. */
import { STATES } from "./states";
import type { State } from "./world";

function find(): State {
  const name = new URLSearchParams(location.search).get("state") ?? "";
  const state = STATES[name];
  if (!state) throw new Error(`no preview state ${JSON.stringify(name)}`);
  return state;
}

export const current: State = find();
