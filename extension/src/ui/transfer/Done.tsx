/** Afterwards: what came of it, a summary to keep, and the ways on. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Transfer, TransferResult } from "../../shared/protocol.gen";
import { Button, LinkButton } from "../common/controls";
import { Card, FaultNotice, Notice, Said } from "../common/show";
import { useAction } from "../common/use";
import { count } from "../common/words";
import { Details } from "./Details";
import { everyTransferEntry } from "./entries";
import type { Followed } from "./follow";
import { Fingerprint } from "./Groups";
import { Undo } from "./Imports";
import { Cancel } from "./OneTransfer";
import { Originals } from "./Originals";
import { PlainFile } from "./PlainFile";
import { Remarks } from "./Remarks";
import { SaveButton } from "./SaveFile";
import { downloadBlob, today } from "./save";
import { outcomeLines, skippedLine, summaryText } from "./summary";
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
      <Notice tone="good" title={OUT_TITLES[transfer.kind] ?? "The file is made"} focusTitle>
        {typeCounts(transfer.counts).join(", ")} {transfer.kind === "direct" ? "went over." : "went into it."}
      </Notice>
      {transfer.result && <Taken result={transfer.result} />}
      {transfer.fingerprint && (
        <Card title="On the other computer" id="other">
          <p>
            Open Keyferry's “Move in”, choose “From another computer”, and give it this file. It asks for three of these
            groups. Read them from here, or pass them on by another way than the file:
          </p>
          <Fingerprint text={transfer.fingerprint} label="The file's groups" />
        </Card>
      )}
      <Originals transfer={transfer} followed={props.followed} />
      {transfer.kind !== "direct" && (
        <Card title="The file" id="file">
          <p>
            {transfer.kind === "backup"
              ? "Your vault is as it was. The backup holds what was in it now, and nothing that comes later."
              : transfer.kind === "plain"
                ? "It is not encrypted: delete it, and empty the system's trash, as soon as the other app has read it."
                : "Delete it when the other side has taken it."}
          </p>
          <SaveButton transfer={transfer} followed={props.followed} again />
        </Card>
      )}
      <Remarks transfer={transfer} />
    </>
  );
}

const OUT_TITLES: Readonly<Record<string, string>> = {
  backup: "The backup is made",
  direct: "The other app has it",
};

/** What the other app says of it. */
function Taken(props: { result: TransferResult }): JSX.Element {
  const { accepted, skipped = [] } = props.result;
  return (
    <Card title="What the other app says" id="taken">
      <p>It took {count(accepted, "entry", "entries")}.</p>
      {skipped.length > 0 && (
        <details class="details" open={skipped.length <= 5}>
          <summary>It did not take {count(skipped.length, "entry", "entries")}</summary>
          <ul class="remarks">
            {skipped.map((one, i) => (
              <li key={i} class="foreign">
                {skippedLine(one)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

function In(props: DoneProps): JSX.Element {
  const { transfer } = props;
  const { outcome } = transfer;
  const [undone, setUndone] = useState("");
  return (
    <>
      <Said tone="good">{undone}</Said>
      {!undone && (
        <Notice tone="good" title={outcome?.unchanged ? "Nothing was changed" : "It is in your vault"} focusTitle>
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
      {transfer.plaintext && <PlainFile transfer={transfer} />}
    </>
  );
}

function Summary(props: { transfer: Transfer }): JSX.Element {
  const { transfer } = props;
  const action = useAction();
  const save = (): void => {
    void action.run(async signal => {
      const entries = await everyTransferEntry(transfer.id, undefined, "", signal);
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
