/** Choosing one file. The browser's own control does it; it stays usable by keyboard and screen reader. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { describe, Frame } from "../common/fields";

export function FilePick(props: {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  onFile: (file: File) => void;
}): JSX.Element {
  const id = useId();
  return (
    <Frame id={id} {...props}>
      <input
        id={id}
        class="input file-pick"
        type="file"
        aria-describedby={describe(id, props)}
        aria-invalid={props.error ? "true" : undefined}
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          if (file) props.onFile(file);
        }}
      />
    </Frame>
  );
}
