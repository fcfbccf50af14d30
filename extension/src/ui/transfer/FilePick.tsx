/** Choosing one file. The browser's own control does it; it stays usable by keyboard and screen reader. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export function FilePick(props: {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  onFile: (file: File) => void;
}): JSX.Element {
  const id = useId();
  const described = [props.hint ? `${id}-hint` : "", props.error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input file-pick"
        type="file"
        aria-describedby={described || undefined}
        aria-invalid={props.error ? "true" : undefined}
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          if (file) props.onFile(file);
        }}
      />
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
