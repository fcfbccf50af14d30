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
  const out = {
    ...transfer,
    out: true,
    kind: "backup",
    counts: { note: 1, passkey: 3 },
    leftOut: 1,
    kept: 2,
    remarks: [],
  };
  const left: TransferEntry = { ...entry, status: "stays", choice: "keep", reason: "it counts", fields: [] };
  const text = summaryText(out, [left, { ...entry, status: "goes", fields: [], reason: "" }], 0);
  assert.match(
    text,
    /- 3 passkeys\n- 1 note\n\n1 thing couldn't go and stayed behind\.\n\n2 entries stayed behind because/,
  );
  assert.match(text, /^- Bank - forged, ada, bank\.example \| Can't go \| Stays \| it counts$/m);
  assert.match(text, /^- Bank - forged, ada, bank\.example \| Goes as it is \| Moves out$/m);
  assert.doesNotMatch(text, /From|its own word/);
});

test("a summary of a direct exchange says which program it was, and what the other app says", () => {
  const provider = {
    id: "p",
    rpId: "vault.example",
    name: "Vault\nforged: yes",
    program: "/usr/bin/vault",
    system: true,
    file: "/usr/share/vault.json",
    state: "known",
  };
  const direct: Transfer = {
    ...transfer,
    out: true,
    kind: "direct",
    provider,
    remarks: [],
    leftOut: 1,
    excluded: 1,
    result: { accepted: 2, skipped: [{ title: "Old\nforged: line", type: "passkey", reason: "its key" }] },
  };
  const stays: TransferEntry = {
    ...entry,
    status: "stays",
    choice: "keep",
    fields: [],
    excluded: true,
    reason: "Vault does not take logins for this site",
  };
  const text = summaryText(direct, [stays], 0);
  assert.match(
    text,
    /^1 thing couldn't go and stayed behind\.\nVault forged: yes does not take logins for its site\.$/m,
  );
  assert.match(text, /\| Can't go \| Stays \| Vault does not take logins for this site$/m);
  assert.match(text, /^To: Vault forged: yes \(vault\.example, its own word\), \/usr\/bin\/vault$/m);
  assert.match(text, /^The other app says: 2 entries taken\.$/m);
  assert.match(text, /^- not taken: Old forged: line, passkey: its key$/m);
});
