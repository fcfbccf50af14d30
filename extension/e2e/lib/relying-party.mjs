// Starts the go-webauthn relying party that `make relying-party` built.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Resolves to {origin, close}. `root` is the checkout, with a slash at the end. */
export async function startRelyingParty(root) {
  const child = spawn(`${root}build/test/relyingparty`, ["-site", `${root}extension/e2e/site`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [origin] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the relying party ended with ${code}`))),
  ]);
  return {
    origin,
    close: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
