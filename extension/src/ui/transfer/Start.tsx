/** The review before anything leaves: what, how many, to whom; then the person is verified in Keyferry's own dialog. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Status, Transfer } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { faultOf } from "../common/fault";
import { useFresh } from "../common/fresh";
import { NewPassphrase } from "../common/secret";
import { Card, Notice } from "../common/show";
import { useStrength } from "../common/strength";
import { count } from "../common/words";
import { Details } from "./Details";
import type { Followed } from "./follow";
import { GroupFields, groupsOf, type Typed } from "./Groups";
import { Remarks } from "./Remarks";
import { typeCounts } from "./words";

export function Start(props: {
  transfer: Transfer;
  status: Status;
  followed: Followed;
  cancel: JSX.Element;
}): JSX.Element {
  const { transfer } = props;
  // Sealed by a passphrase, and so by no request of another computer.
  const backup = transfer.kind !== "sealed";
  const asked = transfer.ask ?? [];
  const fresh = useFresh(props.status, backup ? "Confirm, then choose the file's passphrase." : "Confirm there.");
  const [typed, setTyped] = useState<Typed>({});
  const [passphrase, setPassphrase] = useState("");
  const [missing, setMissing] = useState("");
  const strength = useStrength(backup && fresh.here ? passphrase : "");
  const lines = typeCounts(transfer.counts);
  const wrongGroups = fresh.action.fault?.name === "fingerprint" ? fresh.action.fault.text : undefined;

  /** What the file's passphrase lacks, where it is typed here. */
  const unsealed = (): string => {
    if (!backup || !fresh.here || (passphrase && strength.accept)) return "";
    return passphrase ? "Make it harder to guess, then go on." : "Choose a passphrase for the file.";
  };
  const start = (): void => {
    const groups = asked.length > 0 ? groupsOf(asked, typed) : [];
    const lacks = !groups ? "Each group has four characters." : unsealed();
    setMissing(lacks);
    if (!groups || lacks) return;
    void fresh.run(async (proven, signal) => {
      const body = {
        id: transfer.id,
        ...(groups.length > 0 ? { groups } : {}),
        ...proven,
        ...(backup && fresh.here ? { new: { passphrase } } : {}),
      };
      try {
        const answer = await ask("transfer.start", body, signal);
        setPassphrase("");
        props.followed.set(answer);
      } catch (error) {
        if (faultOf(error).name === "fingerprint") props.followed.again(); // the last of several tries ends it
        throw error;
      }
    });
  };
  return (
    <form
      class="stack"
      onSubmit={event => {
        event.preventDefault();
        start();
      }}
    >
      <Card title="What goes" id="goes" focusTitle>
        {lines.length > 0 ? (
          <ul class="counts">
            {lines.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ) : (
          <Notice tone="warn" title="Nothing would go">
            Nothing in your vault fits what was chosen and asked for.
          </Notice>
        )}
        {(transfer.leftOut ?? 0) > 0 && (
          <Notice tone="warn" title={`${count(transfer.leftOut ?? 0, "thing")} can't go along`}>
            They stay in your vault. Below it says which, and why.
          </Notice>
        )}
        <Remarks transfer={transfer} />
      </Card>
      {!backup && <Receiver transfer={transfer} />}
      <Card title={backup ? "Seal it" : "Compare and confirm"} id="confirm">
        {asked.length > 0 && (
          <GroupFields
            asked={asked}
            typed={typed}
            onTyped={setTyped}
            where="It shows its request's code of six groups."
            error={wrongGroups ?? (missing && asked.length > 0 ? missing : undefined)}
          />
        )}
        {backup && (
          <p>
            The file has a passphrase of its own. Without it nobody can open the file, and nobody can reset it: write it
            down where you will find it.
          </p>
        )}
        {fresh.proof}
        {backup && fresh.here && (
          <NewPassphrase value={passphrase} onInput={setPassphrase} strength={strength} error={missing || undefined} />
        )}
        {!wrongGroups && fresh.state}
        <div class="row">
          <Button kind="primary" submit busy={fresh.action.busy !== undefined || lines.length === 0}>
            {transfer.kind === "backup" ? "Make the backup" : "Make the file"}
          </Button>
          {props.cancel}
        </div>
      </Card>
      <Details transfer={transfer} />
    </form>
  );
}

function Receiver(props: { transfer: Transfer }): JSX.Element {
  const { claim, classical } = props.transfer;
  return (
    <Card title="Who receives it" id="receiver">
      <p>
        <strong class="foreign">{claim?.displayName || claim?.name || "An app without a name"}</strong>{" "}
        {claim?.displayName && <span class="soft foreign">({claim.name})</span>}
      </p>
      <p class="small soft">
        It says so itself. What proves that the file is for your other computer is the code that you compare below.
      </p>
      {claim?.suspicious && (
        <Notice tone="warn" title="This name looks dressed up">
          It has signs in it that can make it look like another one. Go on only if the code below matches.
        </Notice>
      )}
      {classical && (
        <Notice tone="warn" title="A weaker seal">
          The other side can't take a seal that withstands future quantum computers. Whoever copies the file on its way
          might open it many years from now.
        </Notice>
      )}
    </Card>
  );
}
