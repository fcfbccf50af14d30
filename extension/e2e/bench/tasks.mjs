// How long a page of Chromium's is deaf: its main thread's tasks, as the browser traces them.
import { browserProcesses } from "../lib/watcher.mjs";

/** In microseconds: what is shorter is not kept. */
const SHORT = 500;

/**
 * Does `work` and resolves to the longest task of the extension's pages meanwhile, in milliseconds: `wall` by the clock,
 * `cpu` by the processor, which other programs don't lengthen.
 */
export async function longestTask(browser, work) {
  const devtools = await browser.context.browser().newBrowserCDPSession();
  const threads = new Set();
  const tasks = [];
  devtools.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) {
      const thread = `${event.pid} ${event.tid}`;
      if (event.name === "thread_name" && event.args.name === "CrRendererMain") threads.add(thread);
      if (/RunTask$/.test(event.name) && event.dur > SHORT)
        tasks.push({ thread, wall: event.dur / 1000, cpu: event.tdur / 1000 });
    }
  });
  const traceConfig = { recordMode: "recordUntilFull", traceBufferSizeInKb: 400_000, includedCategories: ["toplevel"] };
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await work();
  const processes = await browserProcesses(browser);
  const complete = new Promise(resolve => devtools.once("Tracing.tracingComplete", resolve));
  await devtools.send("Tracing.end");
  const { dataLossOccurred } = await complete;
  await devtools.detach();
  const ours = tasks.filter(({ thread }) => threads.has(thread) && processes.includes(Number.parseInt(thread, 10)));
  if (dataLossOccurred || ours.length === 0) throw new Error(`the trace is not whole: ${ours.length} tasks`);
  return { wall: Math.max(...ours.map(task => task.wall)), cpu: Math.max(...ours.map(task => task.cpu)) };
}

/** Makes sure that a task of so many milliseconds would be seen. */
export async function canBeSeen(browser, page, ms) {
  const { cpu } = await longestTask(browser, () =>
    page.evaluate(async ms => {
      await new Promise(resolve => setTimeout(resolve));
      for (const end = performance.now() + ms; performance.now() < end; );
    }, 4 * ms),
  );
  if (!(cpu > ms)) throw new Error(`a task of ${4 * ms} ms was seen as one of ${cpu} ms`);
}
