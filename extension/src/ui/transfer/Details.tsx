/** What only experts want to know, folded away. */
import type { JSX } from "preact";
import type { Transfer } from "../../shared/protocol.gen";
import { moment } from "../common/words";
import { size } from "./words";

const FORMATS: Readonly<Record<string, string>> = {
  sealed: "CXP response, sealed by HPKE (indirect mode)",
  backup: "CXP response, sealed by a passphrase (JWE)",
  plain: "CXF document",
  direct: "CXP direct exchange, sealed by HPKE",
};

export function Details(props: { transfer: Transfer }): JSX.Element {
  const { transfer } = props;
  const format = transfer.format ?? FORMATS[transfer.kind] ?? transfer.kind;
  const facts: Array<readonly [string, string]> = [["Format", format]];
  if (transfer.suite) facts.push(["Cipher suite", transfer.suite]);
  if (transfer.claim?.name) facts.push(["Other side's name", transfer.claim.name]);
  if (transfer.provider) {
    facts.push(["Program", transfer.provider.program]);
    facts.push(["Registration", transfer.provider.file]);
  }
  if (transfer.size) facts.push(["Size", size(transfer.size)]);
  facts.push(["Begun", moment(transfer.startedAt)]);
  return (
    <details class="details">
      <summary>Technical details</summary>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="foreign">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
