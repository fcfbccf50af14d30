/** Whether a document picture-in-picture window is open anywhere: content scripts tell, each over its own port. */
import type { Port } from "../shared/ext";

export class PictureInPicture {
  readonly #open = new Set<Port>();
  readonly #listeners: ((open: boolean) => void)[] = [];

  get open(): boolean {
    return this.#open.size > 0;
  }

  onChange(fn: (open: boolean) => void): void {
    this.#listeners.push(fn);
  }

  set(port: Port, open: boolean): void {
    const before = this.open;
    if (open) this.#open.add(port);
    else this.#open.delete(port);
    if (this.open !== before) for (const fn of this.#listeners) fn(this.open);
  }
}
