/** Long work of the agent's, or of the other app: how far it is, how long it will take, and the way out of it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Transfer } from "../../shared/protocol.gen";
import { Card, Progress } from "../common/show";
import { count, figure } from "../common/words";
import { size, timeLeft } from "./words";

const LABELS: Readonly<Record<string, string>> = {
  reading: "Keyferry is reading…",
  storing: "Keyferry is storing what came in…",
  writing: "Keyferry is writing the file…",
};

/** How much of it is told aloud: whoever can't see the bar hears of each quarter, not of each entry. */
const QUARTERS = 4;

/** What is said aloud of work under way. */
export function progressSaid(transfer: Transfer): string {
  const [done, total] = amountOf(transfer);
  const quarter = total > 0 ? Math.floor((QUARTERS * Math.min(done, total)) / total) : 0;
  return quarter > 0 ? `${labelOf(transfer)} ${(100 / QUARTERS) * quarter} percent.` : labelOf(transfer);
}

export function Working(props: { transfer: Transfer; cancel: JSX.Element }): JSX.Element {
  const { transfer } = props;
  const [done, total] = amountOf(transfer);
  const [since] = useState(() => ({ at: Date.now(), done })); // when this page began to look
  const left = total > 0 ? timeLeft(Date.now() - since.at, done - since.done, total - since.done) : "";
  return (
    <Card>
      <div class="stack-s">
        <Progress quiet label={labelOf(transfer)} {...(total > 0 ? { part: Math.min(1, done / total) } : {})} />
        <p class="small soft numbers">{[...amounts(transfer), left].filter(Boolean).join(", ")}</p>
      </div>
      <p class="small soft">
        You may close this page: Keyferry goes on, and you find it again under “Move”.{" "}
        {transfer.kind === "direct" && transfer.out && (transfer.bytes ?? 0) > 0
          ? "Your vault stays as it is if you cancel; the other app may have stored what it got by then."
          : "Cancelling leaves everything as it was."}
      </p>
      {props.cancel}
    </Card>
  );
}

function labelOf(transfer: Transfer): string {
  const { state, out, kind, peerTotal } = transfer;
  const app = transfer.provider?.name || "the other app";
  if (state === "exchanging")
    return out && peerTotal ? `${app} is storing what it got…` : `Waiting for ${app}. It may ask you for a yes…`;
  if (state === "writing" && kind === "direct") return `Handing it over to ${app}…`;
  if (state === "reading" && out) return "Keyferry is looking at what can go…";
  return LABELS[state] ?? "Working…";
}

/** How much of how much: entries where they can be counted, else bytes of the file. */
function amountOf(transfer: Transfer): [done: number, total: number] {
  const { done = 0, total = 0, bytes = 0, size: whole = 0, peerDone = 0, peerTotal = 0, state, out } = transfer;
  if (state === "exchanging") return [peerDone, peerTotal];
  if (total > 0) return [done, total];
  return state === "reading" && !out && bytes > 0 ? [bytes, whole] : [0, 0];
}

function amounts(transfer: Transfer): string[] {
  const { done = 0, total = 0, bytes = 0, size: whole = 0, peerDone = 0, peerTotal = 0, state, out } = transfer;
  const lines: string[] = [];
  if (state === "exchanging") {
    if (peerTotal > 0) lines.push(`${figure(peerDone)} of ${count(peerTotal, "entry", "entries")}`);
  } else if (total > 0) lines.push(`${figure(done)} of ${count(total, "entry", "entries")}`);
  else if (done > 0) lines.push(count(done, "entry", "entries"));
  if (bytes > 0) lines.push(!out && whole >= bytes ? `${size(bytes)} of ${size(whole)}` : size(bytes));
  return lines;
}
