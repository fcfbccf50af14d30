/**
 * What the browser says about this document: whether its permissions policy lets it use WebAuthn, and whether it is
 * shown. Asked from the isolated world, where a page has replaced nothing.
 */

type Feature = "publickey-credentials-create" | "publickey-credentials-get";
type FeaturePolicy = { allowsFeature(feature: string): boolean };

/** An RP ID that no origin may use: single labels with a trailing invalid name (RFC 2606 §2). */
const IMPOSSIBLE = "keyferry.invalid";

/**
 * Whether the permissions policy (WebAuthn §5.9, §5.10) lets this document ask. Chromium says so directly. Firefox does
 * not enforce the header, so a top document is always allowed there; about a frame its own implementation is asked
 * with an impossible RP ID: NotAllowedError where it may not ask, SecurityError where it may, and no dialog.
 */
export function delegated(kind: "create" | "get"): Promise<boolean> {
  const feature: Feature = `publickey-credentials-${kind}`;
  const policy = (document as { featurePolicy?: FeaturePolicy }).featurePolicy;
  if (policy) return Promise.resolve(policy.allowsFeature(feature) && (kind === "get" || activated()));
  if (window.top === window) return Promise.resolve(true);
  // Each time anew: whether a frame of another origin may create changes with the person's last click.
  return probe(kind);
}

/** A frame of another origin than its ancestors' may create only on a person's action (WebAuthn §5.1.3 step 1). */
function activated(): boolean {
  const crossOrigin = [...(location.ancestorOrigins ?? [])].some(origin => origin !== window.origin);
  return !crossOrigin || navigator.userActivation.isActive;
}

async function probe(kind: "create" | "get"): Promise<boolean> {
  const challenge = new Uint8Array(16);
  try {
    if (kind === "get") {
      await navigator.credentials.get({ publicKey: { challenge, rpId: IMPOSSIBLE } });
    } else {
      const user = { id: challenge, name: "", displayName: "" };
      const pubKeyCredParams = [{ type: "public-key" as const, alg: -7 }];
      await navigator.credentials.create({
        publicKey: { challenge, rp: { id: IMPOSSIBLE, name: "" }, user, pubKeyCredParams },
      });
    }
  } catch (e) {
    return (e as { name?: unknown }).name === "SecurityError";
  }
  return false;
}

/** Whether the document is visible. Whether its window is focused is the background's to find out. */
export function visible(): boolean {
  return document.visibilityState === "visible";
}
