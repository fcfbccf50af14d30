/** Things one fills in: Field, Search, SecretField, PhraseField, Choice. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { focusOnce } from "./controls";
import { count, phraseWords } from "./words";

interface Common {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  autoFocus?: boolean;
}

/** What `aria-describedby` of a field in a {@link Frame} has to say. */
export function describe(
  id: string,
  props: { hint?: ComponentChildren; error?: string | undefined },
): string | undefined {
  return [props.hint ? `${id}-hint` : "", props.error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
}

/** Label, hint and error around anything that is filled in. */
export function Frame(props: {
  id: string;
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  children: ComponentChildren;
}): JSX.Element {
  const { id } = props;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children}
      {props.hint && (
        <div class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </div>
      )}
      <div class="field-error" id={`${id}-error`} role="alert">
        {props.error}
      </div>
    </div>
  );
}

export function Field(
  props: Common & { maxLength?: number; type?: "text" | "search"; placeholder?: string },
): JSX.Element {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <input
        id={id}
        class="input"
        type={(props.type ?? "text") as "text"}
        value={props.value}
        maxLength={props.maxLength}
        autocomplete="off"
        spellcheck={false}
        placeholder={props.placeholder}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={describe(id, props)}
        ref={props.autoFocus ? focusOnce : null}
        onInput={event => props.onInput(event.currentTarget.value)}
      />
    </Frame>
  );
}

/** What narrows a list down. */
export function Search(props: {
  label?: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
}): JSX.Element {
  return <Field type="search" label="Search" maxLength={200} {...props} />;
}

/** A passphrase or PIN. It can be shown; browsers are asked not to store or complete it. */
export function SecretField(props: Common & { digits?: boolean; fresh?: boolean }): JSX.Element {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <Frame id={id} {...props}>
      <div class="secret">
        <input
          id={id}
          class="input"
          type={(shown ? "text" : "password") as "text"}
          inputMode={props.digits ? "numeric" : undefined}
          value={props.value}
          maxLength={1024}
          autocomplete={props.fresh ? "new-password" : "off"}
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={props.error ? "true" : undefined}
          aria-describedby={describe(id, props)}
          ref={props.autoFocus ? focusOnce : null}
          onInput={event => props.onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button button-secondary"
          aria-label={`${shown ? "Hide" : "Show"} ${props.label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
        >
          {shown ? "Hide" : "Show"}
        </button>
      </div>
    </Frame>
  );
}

/** The recovery phrase as a person types or pastes it. Which word is wrong is for the host to say. */
export function PhraseField(props: Common): JSX.Element {
  const id = useId();
  const words = phraseWords(props.value).length;
  return (
    <Frame
      id={id}
      {...props}
      hint={
        props.hint ??
        `Small slips are fine: if a word is wrong, you are told which. ${words ? `${count(words, "word")} so far.` : ""}`
      }
    >
      <textarea
        id={id}
        class="input"
        rows={4}
        value={props.value}
        maxLength={2048}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={describe(id, { hint: true, error: props.error })}
        ref={props.autoFocus ? focusOnce : null}
        onInput={event => props.onInput(event.currentTarget.value)}
      />
    </Frame>
  );
}

export function Choice(props: {
  label: string;
  value: number;
  options: ReadonlyArray<readonly [number, string]>;
  onChange: (value: number) => void;
  hint?: string;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div>
        <select
          id={id}
          class="input"
          value={String(props.value)}
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          onChange={event => props.onChange(Number(event.currentTarget.value))}
        >
          {props.options.map(([value, text]) => (
            <option key={value} value={String(value)}>
              {text}
            </option>
          ))}
        </select>
      </div>
      {props.hint && (
        <div class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </div>
      )}
    </div>
  );
}
