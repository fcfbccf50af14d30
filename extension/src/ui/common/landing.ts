/**
 * Keeps the keyboard's place on a page whose parts come and go. When what has the focus is taken away, browsers drop the
 * focus without a word: a screen reader falls silent, and nobody sees where the next key goes. It lands on the heading
 * of the nearest part of the page that is still there instead: of the card, else of the page.
 */
import { useEffect } from "preact/hooks";

/** Lands whenever the focus gets lost inside the page's `main`. What takes the focus by itself keeps it. */
export function useLanding(): void {
  useEffect(() => {
    // What has the focus, and everything around it, from the inside.
    let path: readonly Element[] = [];
    const remember = (event: FocusEvent): void => {
      path = event.composedPath().filter(at => at instanceof Element);
    };
    // A frame later: what appears in its stead may take the focus, and does that first.
    const land = (): void => {
      if (path.length === 0 || path[0]?.isConnected || (document.activeElement ?? document.body) !== document.body)
        return;
      const left = path.find(at => at.isConnected);
      path = [];
      headingOf(left?.closest("section.card"))?.focus();
    };
    const watch = new MutationObserver(() => {
      if (path[0]?.isConnected === false) requestAnimationFrame(land);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", remember);
    return () => {
      watch.disconnect();
      document.removeEventListener("focusin", remember);
    };
  }, []);
}

const headingOf = (card: Element | null | undefined): HTMLElement | null =>
  card?.querySelector<HTMLElement>("h2[tabindex]") ?? document.querySelector<HTMLElement>("main h1[tabindex]");
