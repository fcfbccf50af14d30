/**
 * Routes what our own pages ask. Which page asks is read off the browser's `sender`; whether that page may ask is the
 * agent's to say (host/protocol, table.go).
 */
import type { Port } from "../shared/ext";
import type { SiteInfo, Error as WireError } from "../shared/protocol.gen";
import type { ConnectionState, PageReply, PageRequest } from "../shared/wire";
import type { Facts } from "./facts";
import type { Asked, Host } from "./host";
import type { PictureInPicture } from "./pip";
import { ownPage } from "./sender";

/** Events that pages hear; the others are the background's own business. */
const FOR_PAGES = new Set(["status.changed", "pair.code", "ceremony.show", "ceremony.end", "transfer.progress"]);

export class Pages {
  readonly #host: Host;
  readonly #facts: Facts;
  readonly #pip: PictureInPicture;
  readonly #ports = new Set<Port>();

  constructor(host: Host, facts: Facts, pip: PictureInPicture) {
    this.#host = host;
    this.#facts = facts;
    this.#pip = pip;
    host.onState(connection => this.#tell({ connection }));
    host.onEvent((event, body) => {
      if (FOR_PAGES.has(event)) this.#tell({ event, body });
    });
    pip.onChange(pictureInPicture => this.#tell({ pictureInPicture }));
  }

  /** Takes a port of one of our pages. False: it is none of ours. */
  accept(port: Port): boolean {
    const page = ownPage(port.sender);
    if (!page) return false;
    this.#ports.add(port);
    const open = new Map<number, Asked>();
    port.onDisconnect.addListener(() => {
      this.#ports.delete(port);
      for (const asked of open.values()) asked.cancel();
    });
    port.onMessage.addListener((m: PageRequest) => {
      if ("cancel" in m) open.get(m.n)?.cancel();
      else if ("local" in m) void this.#local(port, m);
      else void this.#relay(port, page, m, open);
    });
    if (this.#host.state) port.postMessage({ connection: this.#host.state } satisfies PageReply);
    port.postMessage({ pictureInPicture: this.#pip.open } satisfies PageReply);
    return true;
  }

  async #relay(
    port: Port,
    page: string,
    m: Extract<PageRequest, { type: string }>,
    open: Map<number, Asked>,
  ): Promise<void> {
    const asked = this.#host.ask(m.type, m.body, { kind: "page", page });
    open.set(m.n, asked);
    let reply: PageReply;
    try {
      const body = await asked.answer;
      reply = { n: m.n, body };
      await this.#learn(m.type, body);
    } catch (error) {
      reply = { n: m.n, error: error as WireError };
    }
    open.delete(m.n);
    if (this.#ports.has(port)) port.postMessage(reply);
  }

  /** Some answers change what the background knows. */
  async #learn(type: string, body: unknown): Promise<void> {
    if (type === "pair" || (type === "vault.create" && (body as { browser?: unknown }).browser))
      this.#host.setPaired("yes");
    if (type === "site.set") await this.#facts.siteSet(body as SiteInfo);
  }

  async #local(port: Port, m: Extract<PageRequest, { local: string }>): Promise<void> {
    if (m.local === "profile") {
      await this.#facts.forget();
      await this.#host.useProfile(m.name);
    }
    const body: ConnectionState = await this.#host.settled();
    if (this.#ports.has(port)) port.postMessage({ n: m.n, body } satisfies PageReply);
  }

  #tell(reply: PageReply): void {
    for (const port of this.#ports) port.postMessage(reply);
  }
}
