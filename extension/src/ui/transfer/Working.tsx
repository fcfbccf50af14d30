/** Long work of the agent's: how far it is, how long it will take, and the way out of it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Transfer } from "../../shared/protocol.gen";
import { Card, Progress } from "../common/show";
import { count } from "../common/words";
import { timeLeft } from "./words";

const LABELS: Readonly<Record<string, string>> = {
  reading: "Keyferry is reading…",
  storing: "Keyferry is storing what came in…",
  writing: "Keyferry is writing the file…",
};

export function Working(props: { transfer: Transfer; cancel: JSX.Element }): JSX.Element {
  const { done = 0, total = 0, state, out } = props.transfer;
  const [since] = useState(() => ({ at: Date.now(), done })); // when this page began to look
  const known = total > 0;
  const left = known ? timeLeft(Date.now() - since.at, done - since.done, total - since.done) : "";
  const amount = known ? `${new Intl.NumberFormat("en").format(done)} of ${count(total, "entry", "entries")}` : "";
  return (
    <Card>
      <div class="stack-s">
        <Progress
          label={state === "reading" && out ? "Keyferry is looking at what goes…" : (LABELS[state] ?? "Working…")}
          {...(known ? { part: Math.min(1, done / total) } : {})}
        />
        <p class="small soft numbers">
          {[amount || (done > 0 ? count(done, "entry", "entries") : ""), left].filter(Boolean).join(", ")}
        </p>
      </div>
      <p class="small soft">
        You may close this page: Keyferry goes on, and you find it again under “Move”. Cancelling leaves everything as
        it was.
      </p>
      {props.cancel}
    </Card>
  );
}
