/** Stands in for shared/browser.ts in the preview. */
import { current } from "./current";

export const browserKind: "firefox" | "chrome" = current.sites === undefined ? "chrome" : "firefox";

export async function hasHostPermission(): Promise<boolean> {
  return current.sites ?? true;
}

export async function requestHostPermission(): Promise<boolean> {
  return false;
}

export function onHostPermission(): void {}

export async function allowedInPrivate(): Promise<boolean> {
  return current.inPrivate ?? false;
}

export async function openExtensionSettings(): Promise<boolean> {
  return true;
}

export async function closeThisPage(): Promise<void> {}

export async function openPage(_page: string, _query?: Record<string, string>): Promise<void> {}

export async function currentTab(): Promise<{ tabId: number; origin?: string; private: boolean }> {
  const origin = current.tabOrigin === null ? undefined : (current.tabOrigin ?? "https://accounts.example.com");
  return { tabId: 1, private: false, ...(origin ? { origin } : {}) };
}
