// The one source of both browsers' manifests. build.mjs calls manifest(browser, test) and writes the result.
import { readFileSync } from "node:fs";

const pkg = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

// keys.json holds what fixes the extensions' ids: Chrome's public keys (base64 DER SubjectPublicKeyInfo) and Firefox's ids.
const keys = JSON.parse(readFileSync(new URL("./keys.json", import.meta.url), "utf8"));

// WebAuthn exists in secure contexts only; plain http is one on localhost and below alone.
const SITES = ["https://*/*", "http://localhost/*", "http://*.localhost/*"];

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "object-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join("; ");

// The isolated script comes first: it offers the port at once, and again when the page-world script asks. Both are
// done before the page's first inline script. Frames without a URL of their own (about:blank, srcdoc) have their
// parent's origin and can call WebAuthn, so they are included.
function contentScripts(browser) {
  const where = {
    matches: SITES,
    all_frames: true,
    match_about_blank: true,
    run_at: "document_start",
    ...(browser === "chrome" ? { match_origin_as_fallback: true } : {}),
  };
  return [
    { ...where, js: ["content.js"] },
    { ...where, js: ["page.js"], world: "MAIN" },
  ];
}

/** manifest returns the manifest of one browser ("chrome" or "firefox") as an object. */
export function manifest(browser, test) {
  const ids = test ? keys.test : keys.release;
  const icons = { 16: "icons/16.png", 32: "icons/32.png", 48: "icons/48.png", 128: "icons/128.png" };
  const common = {
    manifest_version: 3,
    name: test ? "Keyferry (TEST BUILD)" : "Keyferry",
    short_name: "Keyferry",
    version: pkg.version,
    description: "Passkeys without lock-in: kept on your machine, free to leave.",
    icons,
    action: { default_popup: "ui/popup/index.html", default_title: "Keyferry", default_icon: icons },
    permissions: ["nativeMessaging", "storage", "webNavigation", "activeTab"],
    host_permissions: SITES,
    content_scripts: contentScripts(browser),
    content_security_policy: { extension_pages: CSP },
  };
  if (browser === "chrome") {
    return {
      ...common,
      key: ids.chromeKey,
      minimum_chrome_version: "120",
      background: { service_worker: "background.js" },
      // No website and no other extension may send us messages.
      externally_connectable: { ids: [], matches: [] },
      incognito: "spanning",
    };
  }
  return {
    ...common,
    background: { scripts: ["background.js"] },
    browser_specific_settings: {
      gecko: {
        id: ids.firefoxId,
        strict_min_version: "140.0",
        data_collection_permissions: { required: ["none"] },
      },
    },
  };
}
