/**
 * The background: Chrome's service worker, Firefox's event page. It routes between pages, content scripts and the
 * native host, adds who asks by the browser's own word, and opens the approve windows. It dies at any time and keeps
 * nothing that matters: ceremonies live in the agent.
 *
 * Listeners are registered here, at once and in one place: an event that woke a worker is delivered to those only.
 */
import { ext, pageURL } from "../shared/ext";
import { ApproveWindows } from "./approve";
import { keepBadge } from "./badge";
import { Contents } from "./contents";
import { Facts } from "./facts";
import { Host } from "./host";
import { showOpened } from "./opened";
import { Pages } from "./pages";
import { PictureInPicture } from "./pip";

const host = new Host();
const facts = new Facts(host);
const pip = new PictureInPicture();
const approve = new ApproveWindows(host);
const pages = new Pages(host, facts, pip);
const contents = new Contents(host, facts, pip, approve);
keepBadge(host);
showOpened(host);

ext.runtime.onConnect.addListener(port => {
  if (!pages.accept(port)) contents.accept(port);
});
ext.windows.onRemoved.addListener(windowID => approve.closed(windowID));

// Connecting now finds out whether the host is there before the first site asks, and keeps the worker awake.
ext.runtime.onStartup.addListener(() => void host.settled());
ext.runtime.onInstalled.addListener(({ reason }) => {
  void host.settled();
  if (reason === "install") void welcomeOnce();
});

/** Opens the welcome page, once in a profile: browsers report an unpacked extension as installed at every start. */
async function welcomeOnce(): Promise<void> {
  const { welcomed } = await ext.storage.local.get("welcomed");
  if (welcomed) return;
  const url = pageURL("welcome");
  // At a browser's start there may be no window yet that a tab could open in.
  await ext.tabs.create({ url }).catch(() => ext.windows.create({ url }));
  await ext.storage.local.set({ welcomed: true });
}
