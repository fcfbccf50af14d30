/**
 * What sites ask before they offer a passkey at all. The answers say what is true with Keyferry there, and only that:
 * a platform authenticator that verifies the person. Everything else stays the browser's own word.
 */
import type { Channel } from "./channel";
import { wrap } from "./credential";
import { apply, defineProperty, getOwnPropertyDescriptor, PagePromise } from "./primitives";

/** What Keyferry makes true (WebAuthn §5.1.7, §5.8.7). */
const GAINED = ["passkeyPlatformAuthenticator", "userVerifyingPlatformAuthenticator"] as const;

export function answerCapabilities(channel: Channel): void {
  const ready = (): Promise<boolean> =>
    new PagePromise(resolve => {
      if (!channel.alive) return resolve(false);
      const request = channel.open({ kind: "facts" }, reply => {
        if (reply !== "gone" && !("ready" in reply)) return;
        if (reply !== "gone") request.close();
        resolve(reply !== "gone" && reply.ready);
      });
    });

  replace("isUserVerifyingPlatformAuthenticatorAvailable", async native => {
    const withUs = ready();
    return (await native()) || (await withUs);
  });
  replace("getClientCapabilities", async native => {
    const withUs = ready();
    const capabilities = (await native()) as Record<string, boolean>;
    if (await withUs)
      for (let i = 0; i < GAINED.length; i++)
        defineProperty(
          capabilities,
          GAINED[i] as string,
          {
            __proto__: null,
            value: true,
            writable: true,
            enumerable: true,
            configurable: true,
          } as PropertyDescriptor,
        );
    return capabilities;
  });
}

/** Wraps a static of PublicKeyCredential's, where this browser has it. */
function replace(name: string, serve: (native: () => Promise<unknown>) => Promise<unknown>): void {
  const found = getOwnPropertyDescriptor(PublicKeyCredential, name);
  if (typeof found?.value !== "function") return;
  const value = wrap(found.value as () => Promise<unknown>, (native, receiver, args) =>
    serve(() => apply(native, receiver, args) as Promise<unknown>),
  );
  defineProperty(PublicKeyCredential, name, { ...found, value });
}
