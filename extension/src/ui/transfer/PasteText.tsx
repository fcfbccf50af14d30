/** A request as text, for whoever got it by a QR code or a chat instead of a file. */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

export function PasteText(props: { onText: (text: string) => void }): JSX.Element {
  const id = useId();
  const [text, setText] = useState("");
  return (
    <details class="details">
      <summary>You have its text instead of a file</summary>
      <div class="field">
        <label for={id}>The request's text</label>
        <textarea
          id={id}
          class="input"
          rows={4}
          value={text}
          spellcheck={false}
          autocomplete="off"
          aria-describedby={`${id}-hint`}
          onInput={event => {
            const typed = event.currentTarget.value;
            setText(typed);
            if (typed.trim()) props.onText(typed.trim());
          }}
        />
        <div class="field-hint" id={`${id}-hint`}>
          What a phone's camera reads from the QR code, from its first brace to its last.
        </div>
      </div>
    </details>
  );
}
