// Builds every page with made-up answers behind it and serves them under the extension's own content security policy.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { manifest } from "../../../manifest/manifest.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "../../..");

const fakes = {
  name: "fakes",
  setup(b) {
    b.onResolve({ filter: /shared\/(host|browser)$/ }, ({ path }) => ({
      path: join(here, `fake-${path.split("/").pop()}.ts`),
    }));
  },
};

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Returns the states by name, the pages there are, the address of a state, and how to end it all. */
export async function serve() {
  const work = await mkdtemp(join(tmpdir(), "keyferry-preview-"));
  const pages = ["approve", "welcome", "popup", "unlock", "vault", "settings", "transfer"].filter(p =>
    existsSync(join(root, "src/ui", p, "main.tsx")),
  );
  const common = { absWorkingDir: root, bundle: true, format: "esm", logLevel: "warning" };
  await build({
    ...common,
    entryPoints: pages.map(p => ({ in: `src/ui/${p}/main.tsx`, out: `${p}/main` })),
    outdir: work,
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { __TEST__: "false", __FIREFOX__: "false" },
    plugins: [fakes],
  });
  const states = join(work, "states.mjs");
  await build({ ...common, entryPoints: ["src/ui/preview/states.ts"], outfile: states });
  const { STATES } = await import(pathToFileURL(states).href);
  const csp = manifest("chrome", false).content_security_policy.extension_pages;

  const address = (name, state) =>
    `${base}/${state.page}/index.html?ceremony=c1&state=${name}${state.query ? `&${state.query}` : ""}${state.hash ? `#${state.hash}` : ""}`;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname.replace(/^\//, "");
    if (path === "") {
      const links = Object.entries(STATES).map(([name, s]) => `<li><a href="${address(name, s)}">${name}</a></li>`);
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><meta charset="utf-8"><title>States</title><ul>${links.join("")}</ul>`);
      return;
    }
    try {
      const file = path.endsWith(".html") ? join(root, "src/ui", path) : join(work, path);
      const body = await readFile(file);
      response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
      response.setHeader("content-security-policy", csp);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const base = `http://localhost:${server.address().port}`;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await rm(work, { recursive: true, force: true });
  };
  return { STATES, pages, address, base, close };
}
