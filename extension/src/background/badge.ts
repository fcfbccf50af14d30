/** The toolbar button says at a glance how things stand; the popup says the rest. */
import { ext } from "../shared/ext";
import type { ConnectionState } from "../shared/wire";
import type { Host } from "./host";

const WARNING = "#b3261e";
const TEST = "#7a4f00";

/** Keeps the button in step with the connection. */
export function keepBadge(host: Host): void {
  let last = "";
  host.onState(state => {
    if (state.kind === "connecting") return;
    const { text, title, color } = describe(state);
    if (last === text + title) return;
    last = text + title;
    void ext.action.setBadgeText({ text });
    void ext.action.setBadgeBackgroundColor({ color });
    void ext.action.setTitle({ title });
  });
}

function describe(state: ConnectionState): { text: string; title: string; color: string } {
  if (state.kind !== "ok") {
    const why = {
      connecting: "",
      "host-missing": "its program is not installed",
      "too-old": "an update is needed",
      "unknown-caller": "its program does not know this extension",
      "no-profile": "its vault is not there",
      failed: "its program does not answer",
    }[state.kind];
    return { text: "!", title: `Keyferry: ${why}`, color: WARNING };
  }
  if (state.test) return { text: "TEST", title: "Keyferry TEST BUILD: grants consent by a setting", color: TEST };
  if (state.status.vault === "none") return { text: "!", title: "Keyferry: not set up yet", color: WARNING };
  if (state.status.vault === "damaged") return { text: "!", title: "Keyferry: the vault is damaged", color: WARNING };
  if (state.paired === "no") return { text: "!", title: "Keyferry: this browser is not paired", color: WARNING };
  return {
    text: "",
    title: state.status.vault === "locked" ? "Keyferry: locked" : "Keyferry: unlocked",
    color: WARNING,
  };
}
