/** Shows the transfer page for a file that the person opened from the desktop: the agent has it already. */
import { ext, pageURL } from "../shared/ext";
import type { OpenShow } from "../shared/protocol.gen";
import type { Host } from "./host";

export function showOpened(host: Host): void {
  host.onEvent((name, body) => {
    if (name === "open.show") show(body as OpenShow).catch(e => console.error("opened file:", e));
  });
}

async function show({ id }: OpenShow): Promise<void> {
  const url = `${pageURL("transfer")}#open=${encodeURIComponent(id)}`;
  // At a browser's start there may be no window yet that a tab could open in.
  const tab = await ext.tabs.create({ url }).catch(() => undefined);
  if (!tab) await ext.windows.create({ url });
  else await ext.windows.update(tab.windowId, { focused: true });
}
