/** What a person may keep about a move: a text without any secret, item by item. */
import type { Transfer, TransferEntry, TransferSkipped } from "../../shared/protocol.gen";
import { count, moment } from "../common/words";
import { choiceName, claimOf, excludedText, statusName, transferName, typeCounts, typeNames } from "./words";

// A line in the file per line in the text: what others chose must not be able to make lines of its own.
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
}

function entryLine(entry: TransferEntry): string {
  const what = [
    entry.title || entry.rpId || "Without a name",
    entry.userName,
    entry.title === entry.rpId ? "" : entry.rpId,
  ];
  const parts = [what.filter(Boolean).join(", "), statusName(entry.status), choiceName(entry.choice, entry.status)];
  if (entry.fields?.length) parts.push(`differs in ${entry.fields.join(", ")}`);
  if (entry.reason) parts.push(entry.reason);
  return `- ${parts.map(oneLine).join(" | ")}`;
}

/** What the other app says it could not take. */
export function skippedLine(one: TransferSkipped): string {
  const what = [one.title || "Something without a name", one.type ? typeNames([one.type]) : ""]
    .filter(Boolean)
    .join(", ");
  return one.reason ? `${what}: ${one.reason}` : what;
}

/** What came of a move in, in one sentence each. */
export function outcomeLines(transfer: Transfer): string[] {
  const { outcome } = transfer;
  if (!outcome) return [];
  if (outcome.unchanged) return ["Nothing was changed: all of it was here already, or left out."];
  const lines: string[] = [];
  const say = (n: number, text: string): void => {
    if (n > 0) lines.push(`${count(n, "entry", "entries")} ${text}`);
  };
  say(outcome.added, "brought in");
  say(outcome.replaced, "replaced; the old ones are in the trash");
  say(outcome.merged, "filled up");
  say(outcome.skipped, "left out or here already");
  if (outcome.files > 0) lines.push(`${count(outcome.files, "attached file")} brought in`);
  return lines;
}

/** The whole text, with every entry. */
export function summaryText(transfer: Transfer, entries: readonly TransferEntry[], now: number): string {
  const lines = [`Keyferry: ${transferName(transfer)}`, moment(now), ""];
  if (transfer.kind === "direct" && transfer.provider) {
    const { name, rpId, program } = transfer.provider;
    lines.push(`${transfer.out ? "To" : "From"}: ${oneLine(`${name} (${rpId}, its own word), ${program}`)}`, "");
  }
  if (transfer.kind === "sealed") {
    const who = oneLine(claimOf(transfer));
    lines.push(`${transfer.out ? "To" : "From"}: ${who} (its own word)`, "");
  }
  if (transfer.out) {
    lines.push("What went:", ...typeCounts(transfer.counts).map(text => `- ${text}`));
    if (transfer.leftOut) lines.push("", `${count(transfer.leftOut, "thing")} couldn't go and stayed behind.`);
    if (transfer.excluded) lines.push(oneLine(excludedText(transfer)));
    if (transfer.kept)
      lines.push("", `${count(transfer.kept, "entry", "entries")} stayed behind because you chose so.`);
  } else {
    lines.push(...outcomeLines(transfer).map(text => `- ${text}`));
  }
  const { result } = transfer;
  if (result) {
    lines.push("", `The other app says: ${count(result.accepted, "entry", "entries")} taken.`);
    for (const one of result.skipped ?? []) lines.push(`- not taken: ${oneLine(skippedLine(one))}`);
  }
  if (transfer.remarks?.length) lines.push("", "To know:", ...transfer.remarks.map(r => `- ${oneLine(r)}`));
  if (entries.length > 0) lines.push("", "Entry by entry:", ...entries.map(entryLine));
  return `${lines.join("\n")}\n`;
}
