/** One transfer, whatever state it is in. */
import type { ComponentChildren, JSX } from "preact";
import { ask } from "../../shared/host";
import type { Status, Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { faultOf } from "../common/fault";
import { Card, FaultNotice, Notice, Progress, Steps } from "../common/show";
import { useAction } from "../common/use";
import { Answer } from "./Answer";
import { Done } from "./Done";
import { type Followed, useTransfer, WORKING } from "./follow";
import { Upload } from "./MoveIn";
import type { Place } from "./place";
import { Review } from "./Review";
import { SaveFile } from "./SaveFile";
import { Start } from "./Start";
import { outcomeLines } from "./summary";
import { progressSaid, Working } from "./Working";
import { transferName, typeCounts } from "./words";

interface OneTransferProps {
  id: string;
  status: Status;
  /** It is over, or given up. `said` is what there is to say of that. */
  onEnd: (said?: string) => void;
  go: (place: Place) => void;
}

export function OneTransfer(props: OneTransferProps): JSX.Element {
  const followed = useTransfer(props.id);
  const { transfer, fault } = followed;
  return (
    <>
      <h1 tabIndex={-1}>{transfer ? transferName(transfer) : "Move in or out"}</h1>
      {/* One region from the beginning to the end: a new one would not be heard. */}
      <div class="unseen" role="status">
        {transfer && !fault && saidOf(transfer)}
      </div>
      {transfer && <Steps {...stepsOf(transfer)} />}
      {fault && <Gone followed={followed} onEnd={props.onEnd} />}
      {!fault && !transfer && <Progress label="Looking…" />}
      {!fault && transfer && <Body {...props} transfer={transfer} followed={followed} />}
    </>
  );
}

/** What is said aloud of how things stand. A step that waits for the person says it by taking the focus. */
function saidOf(transfer: Transfer): string {
  if (WORKING.has(transfer.state)) return progressSaid(transfer);
  if (transfer.state !== "done") return "";
  return (transfer.out ? typeCounts(transfer.counts) : outcomeLines(transfer)).join(", ");
}

/** What a person hears who has cancelled. The vault changes at the very end of a move in, and all at once. */
export function cancelledText(transfer: Transfer): string {
  if (transfer.out)
    return transfer.kind === "direct" && (transfer.bytes ?? 0) > 0
      ? "Cancelled. Your vault is as it was; the other app may have stored what it got by then."
      : "Cancelled. Your vault is as it was.";
  return transfer.state === "storing"
    ? "Cancelled. Unless it is listed under “Moved in lately” below, nothing was changed."
    : "Cancelled. Nothing was changed.";
}

/** The steps of a transfer, and the one it is at. */
export function stepsOf(transfer: Transfer): { names: readonly string[]; current: number } {
  const at = (order: Readonly<Record<string, number>>): number => order[transfer.state] ?? 0;
  if (transfer.kind === "direct")
    return transfer.out
      ? {
          names: ["Choose", "Review", "Hand over", "Done"],
          current: at({ reading: 1, asking: 1, exchanging: 2, writing: 2, done: 4 }),
        }
      : {
          names: ["App", "Hand over", "Review", "Store", "Done"],
          current: at({ exchanging: 1, reading: 1, review: 2, storing: 3, done: 5 }),
        };
  if (transfer.out)
    return {
      names: ["Choose", "Review", "Write", "Save"],
      current: at({ reading: 1, asking: 1, writing: 2, ready: 3, done: 4 }),
    };
  return {
    names: ["File", "Review", "Store", "Done"],
    current: at({ review: 1, storing: 2, done: 4 }),
  };
}

function Gone(props: { followed: Followed; onEnd: OneTransferProps["onEnd"] }): JSX.Element {
  const { fault, transfer } = props.followed;
  return (
    <div class="stack">
      {fault?.name === "not-found" ? (
        <Notice tone="warn" title="This transfer is over" live>
          It was cancelled, or Keyferry was locked or restarted meanwhile.{" "}
          {transfer?.out
            ? "Your vault is as it was."
            : "Either all of it was stored or nothing; your vault shows which."}
        </Notice>
      ) : (
        <FaultNotice fault={fault} />
      )}
      <div class="row">
        <Button kind="primary" onPress={() => props.onEnd()}>
          Back to the start
        </Button>
      </div>
    </div>
  );
}

function Body(props: OneTransferProps & { transfer: Transfer; followed: Followed }): JSX.Element {
  const { transfer, followed, status } = props;
  const cancel = <Cancel id={transfer.id} onEnd={() => props.onEnd(cancelledText(transfer))} />;
  switch (transfer.state) {
    case "receiving":
      return (
        <Card title="The file has not arrived completely" id="again">
          <p>This page was closed while the file was handed over. Nothing was changed. Choose the file again.</p>
          <Upload
            kind={transfer.kind}
            label="File"
            onBegun={id => {
              void ask("transfer.cancel", { id: transfer.id }).catch(() => undefined); // it ends by itself as well
              props.go({ at: "transfer", id });
            }}
          />
          <div>{cancel}</div>
        </Card>
      );
    case "reading":
    case "exchanging":
    case "storing":
    case "writing":
      return <Working key={transfer.state} transfer={transfer} cancel={cancel} />;
    case "asking":
      return transfer.out ? (
        <Start transfer={transfer} status={status} followed={followed} cancel={cancel} />
      ) : (
        <Answer transfer={transfer} status={status} followed={followed} cancel={cancel} />
      );
    case "review":
      return <Review transfer={transfer} followed={followed} cancel={cancel} />;
    case "ready":
      return <SaveFile transfer={transfer} followed={followed} cancel={cancel} />;
    case "done":
      return <Done transfer={transfer} followed={followed} onEnd={() => props.onEnd()} />;
    default:
      return <Failed {...props} />;
  }
}

function Failed(props: OneTransferProps & { transfer: Transfer }): JSX.Element {
  const { error } = props.transfer;
  return (
    <div class="stack">
      <FaultNotice fault={faultOf(error ?? {})} />
      <p>Your vault is as it was before.</p>
      <div>
        <Cancel id={props.transfer.id} onEnd={() => props.onEnd()} label="Back to the start" />
      </div>
    </div>
  );
}

/** Ends a transfer in the agent, which then forgets it. */
export function Cancel(props: { id: string; onEnd: () => void; label?: ComponentChildren }): JSX.Element {
  const action = useAction();
  return (
    <div class="stack-s">
      <div>
        <Button
          busy={action.busy !== undefined}
          onPress={() =>
            void action
              // It goes on when this button is gone: whoever follows the transfer may hear first that it is over.
              .run(async () => {
                await ask("transfer.cancel", { id: props.id }).catch(error => {
                  if (faultOf(error).name !== "not-found") throw error; // over already: that is what was wanted
                });
              })
              .then(done => done && props.onEnd())
          }
        >
          {props.label ?? "Cancel"}
        </Button>
      </div>
      <FaultNotice fault={action.fault} />
    </div>
  );
}
