/** What else is to be said about a transfer, in the agent's words: which things stay behind and why, what was unclear. */
import type { JSX } from "preact";
import type { Transfer } from "../../shared/protocol.gen";
import { count } from "../common/words";

export function Remarks(props: { transfer: Transfer }): JSX.Element | null {
  const remarks = props.transfer.remarks ?? [];
  if (remarks.length === 0) return null;
  return (
    <details class="details" open={remarks.length <= 3}>
      <summary>{count(remarks.length, "remark")}</summary>
      <ul class="remarks">
        {remarks.map((remark, i) => (
          <li key={i} class="foreign">
            {remark}
          </li>
        ))}
      </ul>
    </details>
  );
}
