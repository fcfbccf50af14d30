/** Fingerprints: shown as six numbered groups, and typed as the three that the agent asks for. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { focusOnce } from "../common/controls";

export function Fingerprint(props: { text: string; label: string }): JSX.Element {
  return (
    <ol class="groups" aria-label={props.label}>
      {props.text.split("-").map((group, i) => (
        <li key={i}>
          <span class="unseen">{`Group ${i + 1}: `}</span>
          <code>{group}</code>
        </li>
      ))}
    </ol>
  );
}

/** What was typed of each group asked for, by the group's number. */
export type Typed = Readonly<Record<number, string>>;

/** The groups in the order in which the agent asked; undefined while one is missing. */
export function groupsOf(asked: readonly number[], typed: Typed): string[] | undefined {
  const groups = asked.map(n => (typed[n] ?? "").replace(/[\s-]/g, "").toUpperCase());
  return groups.every(g => g.length === 4) ? groups : undefined;
}

export function GroupFields(props: {
  asked: readonly number[];
  typed: Typed;
  onTyped: (typed: Typed) => void;
  where: string;
  autoFocus?: boolean;
  error?: string | undefined;
}): JSX.Element {
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={`${id}-hint ${id}-error`}>
      <legend>Compare with the other computer</legend>
      <div class="field-hint" id={`${id}-hint`}>
        {props.where} Type these three of its six groups. It makes sure that nobody exchanged the file on its way.
      </div>
      <div class="group-fields">
        {props.asked.map((n, i) => (
          <label key={n}>
            <span>Group {n}</span>
            <input
              class="input"
              type="text"
              value={props.typed[n] ?? ""}
              maxLength={16}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              aria-invalid={props.error ? "true" : undefined}
              ref={props.autoFocus && i === 0 ? focusOnce : null}
              onInput={event => props.onTyped({ ...props.typed, [n]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <div class="field-error" id={`${id}-error`} role="alert">
        {props.error}
      </div>
    </fieldset>
  );
}
