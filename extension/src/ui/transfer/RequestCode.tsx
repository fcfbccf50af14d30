/** A request as a QR code, for whoever has a phone at hand instead of a stick. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { decodeBase64url } from "../../shared/base64url";
import { type Code, encode } from "./qr";

const QUIET = 4; // modules around it, as the standard wants

export function RequestCode(props: { request: string }): JSX.Element {
  const [open, setOpen] = useState(false); // it is drawn for those who want to see it
  return (
    <details class="details" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Show it as a QR code</summary>
      {open && <Picture request={props.request} />}
    </details>
  );
}

function Picture(props: { request: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const code = useMemo(() => encode(decodeBase64url(props.request)), [props.request]);
  useEffect(() => {
    if (code && canvas.current) draw(canvas.current, code);
  }, [code]);
  if (!code) return <p>This request is too long for a QR code. Take the file.</p>;
  return (
    <div class="stack-s">
      <p class="small soft">
        It holds the same as the file, as text. An app that answers requests may read it from here; or read it with a
        phone's camera and send the text to the other computer, where “Move out” takes it, too. It is large: where a
        camera can't read it, make this window wider, or take the file.
      </p>
      <canvas class="qr" ref={canvas} role="img" aria-label="QR code of the request" />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, code: Code): void {
  const side = code.size + 2 * QUIET;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(side, side);
  image.data.fill(255);
  for (let row = 0; row < code.size; row++)
    for (let column = 0; column < code.size; column++)
      if (code.dark[row * code.size + column]) {
        const at = 4 * ((row + QUIET) * side + column + QUIET);
        image.data.fill(0, at, at + 3);
      }
  context.putImageData(image, 0, 0);
}
