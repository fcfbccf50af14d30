/**
 * Feeds {@link Arming} with the window's real events and lets nothing else through.
 *
 * Controls that decide carry `data-act="NAME"`; one of them, the default, is what Enter presses. They have no click
 * handlers: a decision is a press and a release that arming.ts counted. While the window is not armed every key but
 * Tab, every click and every typed character is swallowed, also in fields and lists.
 */
import { Arming } from "./arming";

const BEAT_MS = 50;

/** Assistive technology presses a control without pointer or key: the browser then makes a trusted click with no detail. */
function pressedByAssistant(event: MouseEvent): boolean {
  return event.isTrusted && event.detail === 0;
}

export interface Guard {
  /** What is shown changed in substance: nothing counts until it was painted and looked at for the arming time. */
  shown(): void;
  block(reason: string): void;
  unblock(reason: string): void;
  end(): void;
}

export interface GuardOptions {
  /** Called with the name of the control that the person really pressed. */
  onAct(name: string): void;
  /** Called whenever it becomes armed, disarmed, or begins to wait (with the milliseconds left, Infinity: no clock runs). */
  onState(state: { armed: boolean; waitMs: number; blocked: boolean }): void;
}

export function guard(view: Window, options: GuardOptions): Guard {
  const { document } = view;
  const arming = new Arming();
  const end = new AbortController();
  const now = (): number => view.performance.now();
  let told = "";
  let frame = 0;

  const tell = (): void => {
    const waitMs = arming.wait(now());
    const armed = waitMs === 0;
    const state = armed ? "armed" : arming.blocked ? "blocked" : Number.isFinite(waitMs) ? "waiting" : "still";
    if (state === told) return;
    told = state;
    options.onState({ armed, waitMs, blocked: arming.blocked });
  };

  const look = (): void => {
    if (document.hasFocus() && document.visibilityState === "visible") arming.focused(now());
    else arming.blurred();
    tell();
  };

  const shown = (): void => {
    arming.repainting();
    told = "";
    tell();
    view.cancelAnimationFrame(frame);
    // The second frame begins after the first has been painted; hidden windows get none.
    frame = view.requestAnimationFrame(() => {
      frame = view.requestAnimationFrame(() => {
        arming.painted(now());
        look();
      });
    });
  };

  const controlAt = (target: EventTarget | null): HTMLElement | undefined =>
    target instanceof Element ? (target.closest<HTMLElement>("[data-act]") ?? undefined) : undefined;
  const byDefault = (): HTMLElement | undefined =>
    document.querySelector<HTMLElement>("[data-act][data-default]") ?? undefined;

  /** The control that a key presses, or undefined where the key keeps its ordinary meaning. */
  const controlOfKey = (event: KeyboardEvent): string | undefined => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return undefined;
    const focused = document.activeElement;
    const own = controlAt(focused)?.dataset.act;
    if (event.key === "Escape") return document.querySelector("[data-act=cancel]") ? "cancel" : undefined;
    if (event.key === " ") return own;
    if (event.key !== "Enter") return undefined;
    if (own) return own;
    if (focused instanceof HTMLButtonElement || focused instanceof HTMLTextAreaElement) return undefined;
    return byDefault()?.dataset.act;
  };

  const disturbed = (): void => {
    arming.disturbed(now());
    told = "";
    tell();
  };

  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  const key = (event: KeyboardEvent): void => {
    const name = controlOfKey(event);
    const down = event.type === "keydown";
    if (name !== undefined) {
      swallow(event); // or the browser would make a click of it
      const touch = { on: `${name}/${event.key}`, trusted: event.isTrusted, repeat: event.repeat };
      if (down) {
        arming.press(touch, now());
        if (!arming.armed(now())) disturbed();
      } else if (arming.release(touch, now())) options.onAct(name);
      return;
    }
    if (event.key === "Tab") return;
    if (event.isTrusted && arming.armed(now())) return;
    swallow(event);
    if (event.isTrusted && down) disturbed();
  };

  const pointer = (event: PointerEvent): void => {
    // A touch is captured by where it began: ask what lies under it now.
    const name = controlAt(document.elementFromPoint(event.clientX, event.clientY))?.dataset.act;
    const touch = { on: `${name}/pointer ${event.pointerId}`, trusted: event.isTrusted };
    if (event.type === "pointerdown") {
      if (name && event.isPrimary && event.button === 0) arming.press(touch, now());
    } else if (arming.release(touch, now()) && name && event.type === "pointerup") options.onAct(name);
    if (event.isTrusted && arming.armed(now())) return;
    swallow(event);
    if (event.isTrusted && event.type === "pointerdown") disturbed();
  };

  const rest = (event: Event): void => {
    const control = event.type === "click" ? controlAt(event.target) : undefined;
    const armed = event.isTrusted && arming.armed(now());
    if (control) {
      swallow(event);
      if (armed && control.dataset.act && pressedByAssistant(event as MouseEvent)) options.onAct(control.dataset.act);
    } else if (!armed) swallow(event);
  };

  const listen = { capture: true, passive: false, signal: end.signal };
  view.addEventListener("keydown", key, listen);
  view.addEventListener("keyup", key, listen);
  for (const type of ["pointerdown", "pointerup", "pointercancel"] as const)
    view.addEventListener(type, pointer, listen);
  for (const type of [
    "click",
    "mousedown",
    "mouseup",
    "dblclick",
    "auxclick",
    "contextmenu",
    "beforeinput",
    "paste",
    "drop",
    "dragstart",
  ]) {
    view.addEventListener(type, rest, listen);
  }
  for (const type of ["focus", "blur", "pagehide", "pageshow"])
    view.addEventListener(type, look, { signal: end.signal });
  // A blur that is over before the next look must count, too.
  view.addEventListener(
    "blur",
    event => {
      if (event.target !== view && event.target !== document) return;
      arming.blurred();
      tell();
    },
    { signal: end.signal },
  );
  document.addEventListener("visibilitychange", look, { signal: end.signal });
  const beat = view.setInterval(look, BEAT_MS);
  end.signal.addEventListener("abort", () => {
    view.clearInterval(beat);
    view.cancelAnimationFrame(frame);
  });

  return {
    shown,
    block: reason => {
      arming.block(reason);
      tell();
    },
    unblock: reason => {
      arming.unblock(reason, now());
      tell();
    },
    end: () => end.abort(),
  };
}
