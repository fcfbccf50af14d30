/** How this browser calls itself in the list of connected browsers: "Firefox on Linux". */
import { browserKind } from "../../shared/browser";

export function browserLabel(): string {
  const { userAgent } = navigator;
  const brands = (navigator as { userAgentData?: { brands?: ReadonlyArray<{ brand: string }> } }).userAgentData?.brands;
  const named = brands?.map(b => b.brand).find(b => !/not.?a.?brand/i.test(b) && b !== "Chromium");
  const browser = browserKind === "firefox" ? "Firefox" : (named ?? "Chromium");
  const system = /Windows/.test(userAgent)
    ? "Windows"
    : /Mac OS X|Macintosh/.test(userAgent)
      ? "Mac"
      : /CrOS/.test(userAgent)
        ? "ChromeOS"
        : "Linux";
  return `${browser} on ${system}`;
}
