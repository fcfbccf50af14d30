/**
 * Where Keyferry can show no window of its own, nothing leaves by a page: whoever had taken it over could type for the
 * person. The terminal does the same, and this is the command.
 */
import type { JSX } from "preact";
import type { Status, Transfer } from "../../shared/protocol.gen";
import { command } from "../common/command";
import { CodeBlock, Notice } from "../common/show";

export function InTerminal(props: { status: Status; transfer: Transfer; focusTitle: boolean }): JSX.Element {
  return (
    <Notice tone="warn" title="Confirm it in a terminal" focusTitle={props.focusTitle}>
      <p>
        What leaves your vault takes your passphrase in a window of Keyferry's own, and none can be shown here. Nothing
        has left. In a terminal, this command does it, with everything that the vault holds:
      </p>
      <CodeBlock code={moveOutCommand(props.transfer, props.status.profile)} label="the command" />
    </Notice>
  );
}

/** The command that does what this move out would. */
export function moveOutCommand(transfer: Transfer, profile: string | undefined): string {
  switch (transfer.kind) {
    case "direct":
      return command(`export --to ${transfer.provider?.rpId ?? "APP"}`, profile);
    case "sealed":
      return command("cxp export --request REQUEST-FILE --out ANSWER-FILE", profile);
    case "backup":
      return command("backup FILE", profile);
    case "file":
      return command(`export --for ${transfer.format?.toLowerCase().split(" ")[0] || "MANAGER"} FILE`, profile);
    default:
      return command("export --for cxf FILE", profile);
  }
}
