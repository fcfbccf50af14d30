/** A file that was opened from the desktop: the agent makes a transfer of it, which this page then follows. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ask } from "../../shared/host";
import { Button } from "../common/controls";
import { FaultNotice, Notice, Progress } from "../common/show";
import { useAction } from "../common/use";

export function Opened(props: { id: string; onTaken: (transfer: string) => void; onEnd: () => void }): JSX.Element {
  const { id, onTaken, onEnd } = props;
  const { fault, run } = useAction();
  useEffect(() => {
    void run(async () => onTaken((await ask("open.take", { id })).id));
  }, [id, run]); // once for each file, whatever the page around it does
  return (
    <div class="stack">
      <h1 tabIndex={-1}>Move in or out</h1>
      {!fault && <Progress label="Looking at the file…" />}
      {fault?.name === "not-found" ? (
        <Notice tone="warn" title="The file is not waiting any more" live>
          Keyferry was locked or restarted meanwhile, or the file was opened long ago. Open it again, or choose it here.
        </Notice>
      ) : (
        <FaultNotice fault={fault} />
      )}
      {fault && (
        <div class="row">
          <Button kind="primary" onPress={onEnd}>
            Back to the start
          </Button>
        </div>
      )}
    </div>
  );
}
