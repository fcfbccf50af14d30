/**
 * The browser's extension API: the only place that touches `chrome` or `browser`. Both browsers speak Manifest V3
 * with promises; what differs between them is settled here and nowhere else.
 */
const globals = globalThis as { browser?: typeof chrome; chrome?: typeof chrome };

export const ext: typeof chrome = (globals.browser ?? globals.chrome) as typeof chrome;

export type Port = chrome.runtime.Port;
export type MessageSender = chrome.runtime.MessageSender;

/** The name of the native-messaging host, the same for every browser. */
export const HOST_NAME = "app.keyferry.host";

/** What the browser passes to the native host as its caller: part of what a session signature covers. */
export function caller(): string {
  return __FIREFOX__ ? ext.runtime.id : `chrome-extension://${ext.runtime.id}/`;
}

/** The host permissions without which Firefox runs no content scripts; Chrome grants them at install. */
export const SITES = ["https://*/*", "http://localhost/*", "http://*.localhost/*"];

/** Our own pages, each at ui/NAME/index.html. */
export const PAGES = ["approve", "popup", "settings", "transfer", "unlock", "vault", "welcome"] as const;
export type PageName = (typeof PAGES)[number];

/** The address of one of our own pages, with an optional query. */
export function pageURL(page: PageName, query: Record<string, string> = {}): string {
  const q = new URLSearchParams(query).toString();
  return ext.runtime.getURL(`ui/${page}/index.html`) + (q ? `?${q}` : "");
}
