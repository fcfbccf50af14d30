/**
 * The approve windows: one per tab that asks, small, centred over the window of that tab. The agent says when one is
 * needed ("ceremony.show") and when it is over ("ceremony.end"); a window that the person closes means no.
 *
 * Which window belongs to which ceremony outlives the worker in storage.session.
 */
import { ext, pageURL } from "../shared/ext";
import type { CeremonyEnd, CeremonyShow } from "../shared/protocol.gen";
import type { Host } from "./host";

const WIDTH = 440;
const HEIGHT = 620;
const KEY = "approve";

type Shown = { tabID: number; windowID: number; ceremony: string };
type Geometry = { left?: number; top?: number; width?: number; height?: number };

export class ApproveWindows {
  readonly #host: Host;
  readonly #callers = new Map<number, Geometry>();
  /** What storage.session holds, once it has been read. */
  #shown: Shown[] | undefined;
  /** Everything here happens one after the other: a ceremony may end while its window still opens. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
    host.onEvent((name, body) => {
      if (name === "ceremony.show") {
        const show = body as CeremonyShow;
        // Without a window nobody could answer: the browser serves the call.
        this.#next(() => this.#show(show).catch(e => this.#refuse(show.ceremony, true, e)));
      }
      if (name === "ceremony.end") {
        const { ceremony } = body as CeremonyEnd;
        this.#next(() => this.#close(s => s.ceremony === ceremony));
      }
    });
  }

  /** Remembers where a tab's window is, so that opening ours over it takes no asking. */
  remember(tabID: number, { left, top, width, height }: chrome.windows.Window): void {
    const g: Geometry = {};
    if (left !== undefined) g.left = left;
    if (top !== undefined) g.top = top;
    if (width !== undefined) g.width = width;
    if (height !== undefined) g.height = height;
    this.#callers.set(tabID, g);
  }

  /** The browser closed a window. Ours, while its ceremony went on: the person said no. */
  closed(windowID: number): void {
    this.#next(async () => {
      const all = await this.#load();
      const shown = all.find(s => s.windowID === windowID);
      if (!shown) return;
      await this.#store(all.filter(s => s !== shown));
      await this.#refuse(shown.ceremony, false);
    });
  }

  async #refuse(ceremony: string, otherDevice: boolean, why?: unknown): Promise<void> {
    if (why) console.error("approve window:", why);
    const body = otherDevice ? { ceremony, otherDevice } : { ceremony };
    // The ceremony may have ended at the same moment: then there is nothing left to refuse.
    await this.#host.ask("ceremony.refuse", body, { kind: "page", page: "approve" }).answer.catch(() => {});
  }

  async #load(): Promise<Shown[]> {
    this.#shown ??= ((await ext.storage.session.get(KEY))[KEY] as Shown[] | undefined) ?? [];
    return this.#shown;
  }

  async #store(shown: Shown[]): Promise<void> {
    this.#shown = shown;
    await ext.storage.session.set({ [KEY]: shown });
  }

  #next(job: () => Promise<void>): void {
    this.#turn = this.#turn.then(job).catch(e => console.error("approve window:", e));
  }

  async #show({ ceremony, tabId }: CeremonyShow): Promise<void> {
    const all = await this.#load();
    const before = all.find(s => s.tabID === tabId);
    if (before && (await exists(before.windowID))) {
      if (before.ceremony === ceremony) return;
      await this.#store(all.map(s => (s === before ? { ...s, ceremony } : s)));
      const [tab] = await ext.tabs.query({ windowId: before.windowID });
      if (tab?.id !== undefined) await ext.tabs.update(tab.id, { url: pageURL("approve", { ceremony }) });
      await ext.windows.update(before.windowID, { focused: true });
      return;
    }
    const data = {
      url: pageURL("approve", { ceremony }),
      type: "popup",
      width: WIDTH,
      height: HEIGHT,
      focused: true,
    } as const;
    // Chromium refuses a place that is mostly off the screen, as the calling window's may be.
    const window = await ext.windows
      .create({ ...data, ...centred(this.#callers.get(tabId) ?? {}) })
      .catch(() => ext.windows.create(data));
    if (window?.id === undefined) throw new Error("the browser opened no window");
    await this.#store([...all.filter(s => s !== before), { tabID: tabId, windowID: window.id, ceremony }]);
  }

  /** A tab waits for no ceremony any more. */
  over(tabID: number): void {
    this.#callers.delete(tabID);
    this.#next(() => this.#close(s => s.tabID === tabID));
  }

  async #close(which: (shown: Shown) => boolean): Promise<void> {
    const all = await this.#load();
    const shown = all.find(which);
    if (!shown) return;
    // Forgotten first: closing it now is no refusal.
    await this.#store(all.filter(s => s !== shown));
    // The page closes its window as well; whoever is second finds none.
    await ext.windows.remove(shown.windowID).catch(() => {});
  }
}

function centred({ left, top, width, height }: Geometry): Geometry {
  if (left === undefined || top === undefined || width === undefined || height === undefined) return {};
  const x = Math.max(0, Math.round(left + (width - WIDTH) / 2));
  const y = Math.max(0, Math.round(top + (height - HEIGHT) / 3));
  return { left: x, top: y };
}

async function exists(windowID: number): Promise<boolean> {
  return ext.windows.get(windowID).then(
    () => true,
    () => false,
  );
}
