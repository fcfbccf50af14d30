/** Afterwards: what came of it, a summary to keep, and the ways on. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Transfer } from "../../shared/protocol.gen";
import { Button, LinkButton } from "../common/controls";
import { Card, FaultNotice, Notice } from "../common/show";
import { useAction } from "../common/use";
import { Details } from "./Details";
import { everyTransferEntry } from "./entries";
import type { Followed } from "./follow";
import { Fingerprint } from "./Groups";
import { Undo } from "./Imports";
import { Cancel } from "./OneTransfer";
import { Remarks } from "./Remarks";
import { SaveButton } from "./SaveFile";
import { downloadBlob, today } from "./save";
import { outcomeLines, summaryText } from "./summary";
import { typeCounts } from "./words";

interface DoneProps {
  transfer: Transfer;
  followed: Followed;
  onEnd: () => void;
}

export function Done(props: DoneProps): JSX.Element {
  const { transfer } = props;
  return (
    <>
      {transfer.out ? <Out {...props} /> : <In {...props} />}
      <Card title="Keep a summary" id="summary">
        <p class="soft">A plain text about this move, without any secret in it.</p>
        <Summary transfer={transfer} />
      </Card>
      <div class="row">
        <LinkButton href="../vault/index.html">Open the vault</LinkButton>
        <Cancel id={transfer.id} onEnd={props.onEnd} label="Finish" />
      </div>
      <Details transfer={transfer} />
    </>
  );
}

function Out(props: DoneProps): JSX.Element {
  const { transfer } = props;
  return (
    <>
      <Notice tone="good" title={transfer.kind === "backup" ? "The backup is made" : "The file is made"} live>
        {typeCounts(transfer.counts).join(", ")} went into it.
      </Notice>
      {transfer.fingerprint && (
        <Card title="On the other computer" id="other">
          <p>
            Open Keyferry's “Move in”, choose “From another computer”, and give it this file. It asks for three of these
            groups. Read them from here, or pass them on by another way than the file:
          </p>
          <Fingerprint text={transfer.fingerprint} label="The file's groups" />
        </Card>
      )}
      <Card title="What stays here" id="stays">
        <p>
          {transfer.kind === "backup"
            ? "Your vault is as it was. The backup holds what was in it now, and nothing that comes later."
            : "Everything stays in this vault, too. Sign in somewhere with the other app first; what you then no longer want here, move to the trash in the vault."}
        </p>
        <SaveButton transfer={transfer} followed={props.followed} again />
        <Remarks transfer={transfer} />
      </Card>
    </>
  );
}

function In(props: DoneProps): JSX.Element {
  const { transfer } = props;
  const { outcome } = transfer;
  const [undone, setUndone] = useState("");
  return (
    <>
      {undone ? (
        <Notice tone="good" title="Undone" live>
          {undone}
        </Notice>
      ) : (
        <Notice tone="good" title={outcome?.unchanged ? "Nothing was changed" : "It is in your vault"} live>
          <ul class="counts">
            {outcomeLines(transfer).map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Remarks transfer={transfer} />
      {outcome?.import && !undone && (
        <Card title="Changed your mind?" id="undo">
          <p class="soft">For 30 days, this import can be taken back here and at the start of “Move”.</p>
          <Undo id={outcome.import} of={outcome} onDone={setUndone} />
        </Card>
      )}
      {transfer.plaintext && (
        <Notice tone="warn" title="Delete the file that you brought">
          It is not encrypted. Delete it, and empty the system's trash, as soon as you have seen that everything is in
          your vault.
        </Notice>
      )}
    </>
  );
}

function Summary(props: { transfer: Transfer }): JSX.Element {
  const { transfer } = props;
  const action = useAction();
  const save = (): void => {
    void action.run(async signal => {
      const entries = transfer.out ? [] : await everyTransferEntry(transfer.id, undefined, "", signal);
      const text = summaryText(transfer, entries, Date.now());
      downloadBlob(`keyferry-move-${today()}.txt`, new Blob([text], { type: "text/plain" }));
    });
  };
  return (
    <div class="stack-s">
      <div>
        <Button busy={action.busy !== undefined} onPress={save}>
          Save the summary
        </Button>
      </div>
      <FaultNotice fault={action.fault} />
    </div>
  );
}
