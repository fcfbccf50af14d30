// Types at a program's prompt, on a terminal of its own: `node terminal.mjs HOME PROMPT ANSWER PROGRAM [ARGUMENT…]`.
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

/** Runs a command with HOME set, answers its prompt, and resolves to what it printed. */
export async function typed(home, prompt, answer, command) {
  // script(1) is the terminal: secrets and such words are never read from anything else.
  const quoted = command.map(a => `'${a.replaceAll("'", "'\\''")}'`).join(" ");
  const { PATH, LANG } = process.env;
  const child = spawn("script", ["-qefc", quoted, "/dev/null"], { env: { PATH, LANG, HOME: home, TERM: "dumb" } });
  let said = "";
  let answered = false;
  child.stdout.on("data", data => {
    said += data;
    if (answered || !prompt.test(said)) return;
    answered = true;
    child.stdin.write(`${answer}\n`);
  });
  const status = await new Promise(resolve => child.on("close", resolve));
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${said}`);
  return said;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [home, prompt, answer, ...command] = process.argv.slice(2);
  process.stdout.write(await typed(home, new RegExp(prompt, "i"), answer, command));
}
