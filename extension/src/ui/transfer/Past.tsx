/** The way past a long list by keys: seen while it has the focus, and only where the list is long. */
import type { JSX } from "preact";

/** So many entries one goes through without being asked. */
const LONG = 10;

export function Past(props: { rows: number }): JSX.Element | null {
  if (props.rows <= LONG) return null;
  return (
    <button
      type="button"
      class="button button-secondary button-small past"
      onClick={event => after(event.currentTarget)?.focus()}
    >
      Go past the list
    </button>
  );
}

/** What comes first after the card that the list is in. */
function after(at: HTMLElement): HTMLElement | null {
  for (let next = at.closest("section.card")?.nextElementSibling; next; next = next.nextElementSibling) {
    const found = next.querySelector<HTMLElement>("h2[tabindex], button");
    if (found) return found;
  }
  return null;
}
