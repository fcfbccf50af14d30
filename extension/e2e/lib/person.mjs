// What a person does in a window: look for a control by what it says, press it with a real pointer, type with real
// keys. Nothing here calls into a page's code.
import { ask, until } from "./browsers.mjs";

const place = (page, selector, says) =>
  ask(
    page,
    ([selector, source]) => {
      const said = new RegExp(source, "i");
      const visible = element => element.checkVisibility?.() ?? true;
      const text = element => element.getAttribute("aria-label") ?? (element.innerText || element.value || "");
      const found = [...document.querySelectorAll(selector)].find(e => visible(e) && said.test(text(e)));
      if (!found || found.disabled || found.getAttribute("aria-disabled") === "true") return undefined;
      found.scrollIntoView({ block: "center" });
      const box = found.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    },
    [selector, says.source],
  );

/** Where something is as soon as it has come to rest, since pages move while they say more. */
async function settled(find, what, ms) {
  let before;
  return until(
    async () => {
      const now = await find();
      const rests = now && before && now.x === before.x && now.y === before.y;
      before = now;
      if (rests) return now;
      await new Promise(resolve => setTimeout(resolve, 60));
      return undefined;
    },
    what,
    ms,
  );
}

const CONTROLS = "button, a, summary, [role=switch], [role=radio]";

/** Presses the button or link that says `says`, as soon as it takes input; or another element, by its selector. */
export async function press(page, says, ms, selector = CONTROLS) {
  const find = () => place(page, selector, says);
  for (let still; !still; ) {
    const at = await settled(find, `a control “${says.source}”`, ms);
    await page.mouse.move(at.x, at.y);
    const now = await find(); // on a busy machine the page moved on meanwhile, and a person would see that
    still = now?.x === at.x && now?.y === at.y;
  }
  await page.mouse.down();
  await new Promise(resolve => setTimeout(resolve, 30));
  // The window may close under the finger, as it should; Firefox's driver then never answers.
  await inTime(page.mouse.up());
}

/** Presses a key. */
export async function key(page, name) {
  await page.keyboard.down(name);
  await new Promise(resolve => setTimeout(resolve, 30));
  await inTime(page.keyboard.up(name));
}

const inTime = action => Promise.race([action.catch(() => {}), new Promise(resolve => setTimeout(resolve, 2000))]);

/** Types into the field whose label says `label`. */
export async function type(page, label, value, ms) {
  const at = await settled(
    () =>
      ask(
        page,
        source => {
          const said = new RegExp(source, "i");
          const found = [...document.querySelectorAll("input, textarea")].find(
            input => input.checkVisibility() && [...(input.labels ?? [])].some(l => said.test(l.innerText)),
          );
          if (!found) return undefined;
          found.scrollIntoView({ block: "center" });
          const box = found.getBoundingClientRect();
          return { x: box.x + 12, y: box.y + box.height / 2 };
        },
        label.source,
      ),
    `a field “${label.source}”`,
    ms,
  );
  await page.mouse.click(at.x, at.y);
  await page.keyboard.type(value);
}

/** Waits until the page says something, and gives what it said instead where that does not come. */
export async function reads(page, says, ms) {
  try {
    await until(
      () => ask(page, source => new RegExp(source, "i").test(document.body?.innerText ?? ""), says.source),
      `the words “${says.source}”`,
      ms,
    );
  } catch (error) {
    const instead = await ask(page, () => document.body?.innerText ?? "");
    throw new Error(`${error.message}; the page says: ${instead?.slice(0, 2000)}`, { cause: error });
  }
}

/** Everything that the page says. */
export const text = page => page.evaluate(() => document.body.innerText);
