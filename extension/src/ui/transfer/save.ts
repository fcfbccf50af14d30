/** Saving a file: straight to the disk where the browser lets a page do that (Chromium), else as a download. */
import type { Sink } from "./pieces";

interface Writable {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

type Picker = (options: { suggestedName: string }) => Promise<{ createWritable(): Promise<Writable> }>;

/**
 * Opens somewhere to write a file of that name to. Call it first thing in a click's handler: it needs the click.
 *
 * @throws {DOMException} AbortError when the person closes the browser's dialog.
 */
export async function openSink(name: string): Promise<Sink> {
  const pick = (globalThis as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  if (!pick) return download(name);
  return (await pick({ suggestedName: name })).createWritable();
}

/** Pieces become blobs, which the browser keeps where it likes, and the whole a download. */
function download(name: string): Sink {
  let parts: Blob[] = [];
  return {
    write: async piece => {
      parts.push(new Blob([piece]));
    },
    close: async () => {
      downloadBlob(name, new Blob(parts, { type: "application/octet-stream" }));
      parts = [];
    },
    abort: async () => {
      parts = [];
    },
  };
}

/** Hands a small file to the browser's downloads. */
export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken the blob over by then; a minute is for slow disks.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "2026-11-22" for the name of a file that is made now. */
export function today(now = new Date()): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
