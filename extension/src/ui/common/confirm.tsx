/** A question in place instead of a dialog: nothing is covered, nothing traps the focus. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Button, type ButtonKind, focusOnce } from "./controls";

interface ConfirmProps {
  /** The button that asks. */
  label: string;
  kind?: ButtonKind;
  small?: boolean;
  /** The question, in words that say what will be gone. */
  title: string;
  children?: ComponentChildren;
  /** The button that does it. */
  yes: string;
  no?: string;
  busy?: boolean;
  /** Does it. It resolves to true when it was done; the question then closes. */
  onYes: () => Promise<boolean>;
  accessibleLabel?: string;
}

export function Confirm(props: ConfirmProps): JSX.Element {
  const id = useId();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    requestAnimationFrame(() => opener.current?.querySelector("button")?.focus());
  };
  if (!open) {
    return (
      <div ref={opener}>
        <Button
          kind={props.kind ?? "warning"}
          small={props.small ?? false}
          onPress={() => setOpen(true)}
          {...(props.accessibleLabel ? { label: props.accessibleLabel } : {})}
        >
          {props.label}
        </Button>
      </div>
    );
  }
  return (
    <form
      class="confirm stack-s"
      aria-labelledby={id}
      onKeyDown={event => {
        if (event.key === "Escape") {
          event.stopPropagation();
          close();
        }
      }}
      onSubmit={event => {
        event.preventDefault();
        if (!props.busy) void props.onYes().then(done => done && close());
      }}
    >
      <div class="confirm-title" id={id} tabIndex={-1} ref={focusOnce}>
        {props.title}
      </div>
      {props.children}
      <div class="row">
        <Button kind="danger" submit busy={props.busy ?? false}>
          {props.yes}
        </Button>
        <Button onPress={close}>{props.no ?? "Keep it"}</Button>
      </div>
    </form>
  );
}
