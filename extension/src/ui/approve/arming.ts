/**
 * When the approve window listens.
 *
 * A page can open the window under a hand that is already clicking or typing (click- and keyjacking). So a yes counts
 * only when all of this held: what is shown had been painted and the window had the focus for ARMING_MS without a
 * break, the press AND the release of it both happened in the window on the same control, both came from the person
 * (`isTrusted`), the key was not merely still being held down, and nothing lay in front (see `block`).
 *
 * This module is a pure state machine: time comes in as a number of milliseconds on one monotonic clock, so that it can
 * be tested without a browser. guard.ts feeds it with real events.
 */

/** How long the window takes no input after it was painted and focused, and again after each blur. */
export const ARMING_MS = 600;

/** A press or release: which control, by what, and whether the browser vouches for it. */
export interface Touch {
  /** Names the control and the finger or key: "primary/pointer", "primary/Enter". */
  readonly on: string;
  readonly trusted: boolean;
  /** A keydown that repeats because the key is held: it began elsewhere, or was counted already. */
  readonly repeat?: boolean;
}

export class Arming {
  #painted: number | undefined;
  #focused: number | undefined;
  #blocked = new Set<string>();
  #pressed: string | undefined;

  /** What is shown has been painted; called again whenever it changes in substance, which begins the wait anew. */
  painted(now: number): void {
    this.#painted = now;
    this.#pressed = undefined;
  }

  /** What is shown is about to change: nothing counts until it is painted. */
  repainting(): void {
    this.#painted = undefined;
    this.#pressed = undefined;
  }

  focused(now: number): void {
    this.#focused ??= now;
  }

  /** The window lost the focus or was hidden. */
  blurred(): void {
    this.#focused = undefined;
    this.#pressed = undefined;
  }

  /** Something lies (or lay until now) in front of the window, like a picture-in-picture window of a page. */
  block(reason: string): void {
    this.#blocked.add(reason);
    this.#pressed = undefined;
  }

  /** The reason is gone; the wait begins anew. */
  unblock(reason: string, now: number): void {
    if (this.#blocked.delete(reason) && this.#painted !== undefined) this.#painted = now;
  }

  get blocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** Milliseconds until input counts: 0 when it does, Infinity while no clock runs (unpainted, unfocused, blocked). */
  wait(now: number): number {
    if (this.#painted === undefined || this.#focused === undefined || this.blocked) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.max(this.#painted, this.#focused) + ARMING_MS - now);
  }

  armed(now: number): boolean {
    return this.wait(now) === 0;
  }

  /**
   * The person's hands are still busy with what was there before: they typed or pressed while the window was arming.
   * The wait begins anew, so that no burst of typing runs on into it.
   */
  disturbed(now: number): void {
    if (this.#painted !== undefined && !this.armed(now)) this.#painted = now;
  }

  press(touch: Touch, now: number): void {
    if (touch.trusted) this.disturbed(now);
    if (touch.repeat && this.#pressed === touch.on) return;
    this.#pressed = touch.trusted && !touch.repeat && this.armed(now) ? touch.on : undefined;
  }

  /** True when this release completes a press that counted: then, and only then, do what the control says. */
  release(touch: Touch, now: number): boolean {
    const counted = touch.trusted && this.#pressed === touch.on && this.armed(now);
    this.#pressed = undefined;
    return counted;
  }
}
