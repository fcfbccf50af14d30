import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transfer, TransferEntry } from "../../shared/protocol.gen";
import { outcomeLines, summaryText } from "./summary";

const transfer: Transfer = {
  id: "t",
  kind: "sealed",
  out: false,
  state: "done",
  startedAt: 0,
  claim: { name: "keyferry.app\nforged: line" },
  remarks: ["one\r\ntwo"],
  outcome: { import: "i", added: 2, replaced: 1, merged: 0, skipped: 3, files: 0 },
};
const entry: TransferEntry = {
  n: 0,
  kind: "passkey",
  status: "conflict",
  title: "Bank\u2028- forged",
  rpId: "bank.example",
  userName: "ada",
  choice: "take",
  choices: ["keep", "take"],
  reason: "another key",
  fields: ["title"],
};

test("the outcome says only what happened", () => {
  assert.deepEqual(outcomeLines(transfer), [
    "2 entries brought in",
    "1 entry replaced; the old ones are in the trash",
    "3 entries left out or here already",
  ]);
  const same = { ...transfer, outcome: { added: 0, replaced: 0, merged: 0, skipped: 4, files: 0, unchanged: true } };
  assert.match(outcomeLines(same).join(), /^Nothing was changed/);
});

test("a summary has a line for each entry, and nobody else's lines", () => {
  const text = summaryText(transfer, [entry], 0);
  assert.match(
    text,
    /^- Bank - forged, ada, bank\.example \| In conflict \| Take theirs \| differs in title \| another key$/m,
  );
  assert.match(text, /From: keyferry\.app forged: line \(its own word\)/);
  assert.match(text, /^- one two$/m);
  assert.doesNotMatch(text, /^forged|^- forged|\u2028|\r/m);
});

test("a summary of a move out counts by kind", () => {
  const out = { ...transfer, out: true, kind: "backup", counts: { note: 1, passkey: 3 }, leftOut: 1, remarks: [] };
  const text = summaryText(out, [], 0);
  assert.match(text, /- 3 passkeys\n- 1 note\n\n1 thing stayed behind\./);
  assert.doesNotMatch(text, /From|its own word/);
});
