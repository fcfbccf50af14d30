/** Things one presses: Button, Form, LinkButton, Switch. */
import type { ComponentChildren, JSX } from "preact";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger" | "warning";

interface ButtonProps {
  children: ComponentChildren;
  onPress?: () => void;
  kind?: ButtonKind;
  small?: boolean;
  wide?: boolean;
  /** Work is under way: it keeps its place and its focus, and takes no press. */
  busy?: boolean;
  submit?: boolean;
  label?: string;
  describedBy?: string;
  expanded?: boolean;
  pressed?: boolean;
  /** Focus it when it appears. */
  autoFocus?: boolean;
}

/** A class string for something that looks like a button. */
export function buttonClass(kind: ButtonKind = "secondary", small = false, wide = false): string {
  return `button button-${kind}${small ? " button-small" : ""}${wide ? " button-wide" : ""}`;
}

export function Button(props: ButtonProps): JSX.Element {
  const { kind, small, wide, busy = false, onPress } = props;
  return (
    <button
      type={props.submit ? "submit" : "button"}
      class={buttonClass(kind, small, wide)}
      aria-disabled={busy ? "true" : undefined}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-expanded={props.expanded}
      aria-pressed={props.pressed}
      ref={props.autoFocus ? focusOnce : null}
      onClick={event => {
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    >
      {props.children}
    </button>
  );
}

/** A form that the page answers itself: nothing of it is sent anywhere. */
export function Form(props: { onSubmit: () => void; children: ComponentChildren }): JSX.Element {
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}

/** A link to one of our own pages that looks like a button. */
export function LinkButton(props: {
  href: string;
  kind?: ButtonKind;
  small?: boolean;
  tab?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <a
      class={buttonClass(props.kind, props.small)}
      href={props.href}
      target={props.tab ? "_blank" : undefined}
      rel={props.tab ? "noopener" : undefined}
    >
      {props.children}
    </a>
  );
}

export function Switch(props: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  hint?: string;
  busy?: boolean;
}): JSX.Element {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.checked}
        aria-checked={props.checked}
        aria-disabled={props.busy ? "true" : undefined}
        onChange={event => {
          const next = event.currentTarget.checked;
          event.currentTarget.checked = props.checked; // it turns when whoever owns it says so
          if (!props.busy) props.onChange(next);
        }}
      />
      <span class="stack-s" style="gap:0">
        <span>{props.label}</span>
        {props.hint && <span class="small soft">{props.hint}</span>}
      </span>
    </label>
  );
}

/** A ref that focuses an element when it appears, and not again. */
export function focusOnce(element: HTMLElement | null): void {
  if (element && !element.dataset.hadFocus) {
    element.dataset.hadFocus = "yes";
    element.focus();
  }
}

/** The same for what is in sight anyway: nothing scrolls. */
export function focusStill(element: HTMLElement | null): void {
  if (element && !element.dataset.hadFocus) {
    element.dataset.hadFocus = "yes";
    element.focus({ preventScroll: true });
  }
}
