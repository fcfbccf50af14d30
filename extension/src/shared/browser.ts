/** What our own pages ask of the browser itself: permissions, private windows, tabs and windows. */
import { ext, type PageName, pageURL, SITES } from "./ext";

/** "firefox" or "chrome" (and everything made from Chromium). */
export const browserKind: "firefox" | "chrome" = __FIREFOX__ ? "firefox" : "chrome";

/** The extension's own version. */
export function version(): string {
  return ext.runtime.getManifest().version;
}

/** Whether we may run on websites. Chrome grants it at install, Firefox by {@link requestHostPermission}. */
export async function hasHostPermission(): Promise<boolean> {
  return ext.permissions.contains({ origins: SITES });
}

/** Asks the person for access to websites. Call it first thing in a click's handler: it needs the click. */
export async function requestHostPermission(): Promise<boolean> {
  return ext.permissions.request({ origins: SITES });
}

/** Calls `fn` whenever access to websites was granted or taken away, until `signal` aborts. */
export function onHostPermission(fn: (granted: boolean) => void, signal: AbortSignal): void {
  const changed = () => void hasHostPermission().then(fn);
  ext.permissions.onAdded.addListener(changed);
  ext.permissions.onRemoved.addListener(changed);
  signal.addEventListener("abort", () => {
    ext.permissions.onAdded.removeListener(changed);
    ext.permissions.onRemoved.removeListener(changed);
  });
}

/** Whether the person lets us work in private (incognito) windows. */
export async function allowedInPrivate(): Promise<boolean> {
  return ext.extension.isAllowedIncognitoAccess();
}

/**
 * Opens the browser's own page about this extension, where private windows are allowed. False where the browser lets
 * no extension open it (Firefox): then the page has to say "about:addons".
 */
export async function openExtensionSettings(): Promise<boolean> {
  if (__FIREFOX__) return false;
  await ext.tabs.create({ url: `chrome://extensions/?id=${ext.runtime.id}` });
  return true;
}

/** Shows one of our pages in a tab: the one that shows it already, else a new one. */
export async function openPage(page: PageName, query: Record<string, string> = {}): Promise<void> {
  const url = pageURL(page, query);
  const open = (await ext.runtime.getContexts?.({ contextTypes: ["TAB"] }))?.find(
    c => c.documentUrl?.split("?")[0] === pageURL(page),
  );
  if (open && open.tabId >= 0) {
    await ext.tabs.update(open.tabId, { active: true, url });
    if (open.windowId >= 0) await ext.windows.update(open.windowId, { focused: true });
    return;
  }
  await ext.tabs.create({ url });
}

/** The tab that a popup was opened over. `origin` is absent for pages we may not see (the browser's own, say). */
export async function currentTab(): Promise<{ tabId: number; origin?: string; private: boolean } | undefined> {
  const [tab] = await ext.tabs.query({ active: true, lastFocusedWindow: true });
  if (tab?.id === undefined) return undefined;
  const origin = tab.url && /^https?:/.test(tab.url) ? new URL(tab.url).origin : undefined;
  return { tabId: tab.id, private: tab.incognito, ...(origin ? { origin } : {}) };
}

/**
 * Closes the page that calls it: a tab or window of ours as well as the popup. `window.close()` alone does not close
 * what the extension opened in Firefox.
 */
export async function closeThisPage(): Promise<void> {
  const tab = await ext.tabs.getCurrent();
  if (tab?.id === undefined) window.close();
  else await ext.tabs.remove(tab.id);
}
