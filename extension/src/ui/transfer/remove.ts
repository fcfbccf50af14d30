/** Deleting a file that the person points at, where the browser can (Chromium's File System Access). */

interface Handle {
  readonly name: string;
  getFile(): Promise<{ readonly size: number }>;
  remove(): Promise<void>;
}

type Picker = () => Promise<readonly Handle[]>;

const picker = (): Picker | undefined => (globalThis as { showOpenFilePicker?: Picker }).showOpenFilePicker;

/** Whether this browser can delete a file that the person chooses. */
export function canRemove(): boolean {
  const handle = (globalThis as { FileSystemFileHandle?: { prototype: object } }).FileSystemFileHandle;
  return picker() !== undefined && handle !== undefined && "remove" in handle.prototype;
}

/**
 * Asks which file it is and deletes it, if it is the one that was brought: by its name (where that is known) and its size
 * in bytes. Call it first thing in a click's handler: it needs the click. Resolves to true when the file is gone.
 *
 * @throws {Error} when another file was chosen, which is left alone. {DOMException} AbortError when none was.
 */
export async function removeFile(name: string | undefined, size: number): Promise<boolean> {
  const pick = picker();
  const [handle] = pick ? await pick() : [];
  if (!handle) return false;
  if ((name && handle.name !== name) || (await handle.getFile()).size !== size)
    throw new Error(`This is another file than the one that you brought; it was not touched`);
  await handle.remove();
  return true;
}
