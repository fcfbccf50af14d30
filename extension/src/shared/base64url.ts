/** Base64url without padding (RFC 4648 §5), for the extension's own worlds. The page-world script has its own. */

// Chunks of 6 KiB: String.fromCharCode takes its characters as arguments.
const SLICE = 6 << 10;

/** Encodes bytes. */
export function encodeBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += SLICE) binary += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Decodes text, padded or not. @throws {DOMException} InvalidCharacterError for anything else. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
