/**
 * Watches for document picture-in-picture windows (Chromium): they float above all windows, ours included, and hold
 * whatever the page wants. The approve window takes no input while one is open.
 */
type Opener = EventTarget & { window: Window | null };

/** Calls `report` when a picture-in-picture window of this document opens or closes. Does nothing until one does. */
export function watchPictureInPicture(report: (open: boolean) => void): void {
  const pip = (window as { documentPictureInPicture?: Opener }).documentPictureInPicture;
  if (!pip || window.top !== window) return;
  pip.addEventListener("enter", () => {
    report(true);
    pip.window?.addEventListener("pagehide", () => report(false), { once: true });
  });
}
