/**
 * The page-world script: navigator.credentials and PublicKeyCredential as the page sees them. It runs at
 * document_start, before any script of the page's, in every frame; nothing that decides is here.
 *
 * Read channel.ts for how it talks to the extension, intercept.ts for the calls, credential.ts for the objects that
 * pages get, native.ts for how the browser's own implementation checks arguments and serves the rest.
 */
import { answerCapabilities } from "./capabilities";
import { takeChannel } from "./channel";
import { interceptCredentials } from "./intercept";

const container = globalThis.navigator?.credentials;

// Without WebAuthn (an insecure frame, a browser built without it) there is nothing to stand in front of.
if (container && typeof PublicKeyCredential === "function" && typeof CredentialsContainer === "function") {
  const channel = takeChannel(globalThis.window);
  if (channel.alive) {
    interceptCredentials(channel, container);
    answerCapabilities(channel);
  }
}
