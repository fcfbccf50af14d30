// The host's side of the tests: running the command line in a home of its own, and throwaway vaults of the test build.
import { execFile, spawn } from "node:child_process";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const RELEASE = `${ROOT}build/keyferry`;
export const TEST = `${ROOT}build/test/keyferry`;
const KEYS = JSON.parse(await readFile(`${ROOT}extension/manifest/keys.json`, "utf8"));

/** The ids of the two builds of the extension: chrome-extension id and add-on ID. */
export const IDS = KEYS;

function environment(home) {
  const { PATH, LANG } = process.env;
  return { PATH, LANG, HOME: home };
}

/**
 * Runs the release binary in `home`. `type` is typed at its prompt for a passphrase, on a terminal of its own; or it is a
 * function that says what to type, if anything, at what was printed since it was last asked for something.
 */
export async function keyferry(home, args, { type } = {}) {
  const options = { env: environment(home), timeout: 60_000 };
  if (type === undefined) return (await execute(RELEASE, args, options)).stdout;
  // script(1) is the terminal: secrets are never read from anything else.
  const quoted = [RELEASE, ...args].map(a => `'${a.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["-qefc", quoted, "/dev/null"], {
    env: { ...options.env, TERM: "dumb" },
    timeout: 60_000,
  });
  let out = "";
  let answered = 0; // of what it printed
  const once = asked => (answered === 0 && /passphrase/i.test(asked) ? type : undefined);
  child.stdout.on("data", data => {
    out += data;
    const answer = (typeof type === "function" ? type : once)(out.slice(answered));
    if (answer === undefined) return;
    answered = out.length;
    child.stdin.write(answer);
  });
  const code = await new Promise(resolve => child.on("close", resolve));
  if (code !== 0) throw new Error(`keyferry ${args.join(" ")} ended with ${code}: ${out}`); // it shows no passphrase
  return out;
}

/** Ends the agents of a home, however many there are. */
export async function stopAgents(home) {
  const { stdout } = await execute("pgrep", ["-f", "keyferry.* agent"]).catch(() => ({ stdout: "" }));
  for (const pid of stdout.split("\n").filter(Boolean).map(Number)) {
    const environ = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    // A release agent is not readable by others of its user; as root it is.
    if (environ.includes(`HOME=${home}\0`)) process.kill(pid);
  }
}

/**
 * Makes a throwaway vault with an agent of the test build and registers it with a browser profile.
 * `browser` is {userDataDir} for Chromium, {firefoxHome} for Firefox. `profile` is another vault of the same person's.
 */
export async function testbed({
  userDataDir,
  firefoxHome,
  profile,
  consent = "allow",
  extensionId,
  addonId,
  more = [],
}) {
  const which = profile ? ["--profile", profile] : [];
  const args = [...which, "testbed", "--consent", consent, ...more];
  if (userDataDir) args.push("--user-data-dir", userDataDir, "--extension-id", extensionId ?? IDS.test.chromeId);
  if (firefoxHome) args.push("--firefox-home", firefoxHome, "--addon-id", addonId ?? IDS.test.firefoxId);
  const prepare = async () => JSON.parse((await execute(TEST, args, { timeout: 60_000 })).stdout);
  const made = await prepare();
  const again = userDataDir ? ["--user-data-dir", userDataDir] : ["--firefox-home", firefoxHome];
  return {
    ...made,
    stop: () => execute(TEST, ["testbed", "--stop", ...again], { timeout: 60_000 }),
    /** Starts the agent where none runs, and opens the vault. */
    unlock: prepare,
    /** Changes what is said in the person's stead: "allow", "deny" or "ask". */
    consent: answer => change(made.setting, { consent: answer }),
    /** The command line on this vault. */
    run: async (...command) =>
      (await execute(TEST, ["--testbed", made.testbed, ...which, ...command], { timeout: 60_000 })).stdout,
    /** The processes of this testbed: an agent for each vault, and one bridge for each browser. */
    processes: () => processes(made.testbed),
  };
}

async function change(setting, what) {
  const next = { ...JSON.parse(await readFile(setting, "utf8")), ...what };
  await writeFile(`${setting}.new`, JSON.stringify(next), { mode: 0o600 });
  await rename(`${setting}.new`, setting); // the agent may be reading
}

async function processes(testbed) {
  const found = { agents: [], bridges: [] };
  for (const pid of (await readdir("/proc")).filter(name => /^\d+$/.test(name)).map(Number)) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""); // ended meanwhile
    const [program = "", flag, folder, ...command] = line.split("\0").slice(0, -1);
    if (!program.endsWith("/keyferry") || flag !== "--testbed" || folder !== testbed) continue;
    if (command.at(-1) === "agent") found.agents.push(pid);
    else found.bridges.push(pid);
  }
  return found;
}
