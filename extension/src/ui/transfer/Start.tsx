/** The review before anything leaves: what, how many, to whom; then the person is verified in Keyferry's own dialog. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Status, Transfer } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { faultOf } from "../common/fault";
import { NewPassphrase, WaitingForDialog } from "../common/secret";
import { Card, FaultNotice, Notice } from "../common/show";
import { useStrength } from "../common/strength";
import { useAction } from "../common/use";
import { count } from "../common/words";
import { App, useSure, Warning, warns } from "./Apps";
import { Details } from "./Details";
import type { Followed } from "./follow";
import { GroupFields, groupsOf, type Typed } from "./Groups";
import { Leaving } from "./Leaving";
import { Remarks } from "./Remarks";
import { InTerminal } from "./Terminal";
import { excludedText, typeCounts } from "./words";

export function Start(props: {
  transfer: Transfer;
  status: Status;
  followed: Followed;
  cancel: JSX.Element;
}): JSX.Element {
  const { transfer } = props;
  // Sealed by a passphrase, and so for nobody who asked.
  const backup = transfer.kind === "backup" || transfer.kind === "file";
  const direct = transfer.kind === "direct" ? transfer.provider : undefined;
  const choices = useRef(Promise.resolve());
  const [sure, setSure] = useSure(direct);
  const asked = transfer.ask ?? [];
  const action = useAction();
  // A test build grants without a window. Anybody else confirms in one, or in a terminal: never here.
  const noDialog = props.status.dialog === "none";
  const noWindow = noDialog && !props.status.test;
  const [terminal, setTerminal] = useState(noWindow);
  const [typed, setTyped] = useState<Typed>({});
  const [passphrase, setPassphrase] = useState("");
  const [missing, setMissing] = useState("");
  const strength = useStrength(backup && noDialog ? passphrase : "");
  const lines = typeCounts(transfer.counts);
  const wrongGroups = action.fault?.name === "fingerprint" ? action.fault.text : undefined;

  /** What the file's passphrase lacks, where it is typed here. */
  const unsealed = (): string => {
    if (!backup || !noDialog || (passphrase && strength.accept)) return "";
    return passphrase ? "Make it harder to guess, then go on." : "Choose a passphrase for the file.";
  };
  const start = (): void => {
    const groups = asked.length > 0 ? groupsOf(asked, typed) : [];
    const unsure = warns(direct) && !sure ? "Say that you know this program, or go back." : "";
    const lacks = unsure || (!groups ? "Each group has four characters." : unsealed());
    setMissing(lacks);
    if (!groups || lacks) return;
    void action.run(async signal => {
      const body = {
        id: transfer.id,
        ...(groups.length > 0 ? { groups } : {}),
        ...(direct ? { accept: direct.state } : {}),
        ...(backup && noDialog ? { new: { passphrase } } : {}),
      };
      // What was ticked a moment ago counts. Where it was not taken, the list shows that now, and the next press goes on.
      await choices.current.finally(() => {
        choices.current = Promise.resolve();
      });
      try {
        const answer = await ask("transfer.start", body, signal);
        setPassphrase("");
        props.followed.set(answer);
      } catch (error) {
        if (faultOf(error).name === "no-dialog") return setTerminal(true);
        // The last of several tries ends it; an app that has changed meanwhile takes a warning of its own.
        if (["fingerprint", "unconfirmed"].includes(faultOf(error).name)) props.followed.again();
        throw error;
      }
    });
  };
  return (
    <>
      <Card title="What goes" id="goes" focusTitle>
        {lines.length > 0 ? (
          <ul class="counts">
            {lines.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ) : (
          <Notice tone="warn" title="Nothing would go">
            {(transfer.kept ?? 0) > 0
              ? "You have chosen nothing. Choose at least one entry below."
              : "Nothing in your vault fits what was asked for."}
          </Notice>
        )}
        {(transfer.leftOut ?? 0) > 0 && (
          <Notice tone="warn" title={`${count(transfer.leftOut ?? 0, "thing")} can't go along`}>
            They stay in your vault. <span class="foreign">{excludedText(transfer)}</span> The list below says which,
            and why.
          </Notice>
        )}
        {(transfer.kept ?? 0) > 0 && (
          <p class="small soft">{count(transfer.kept ?? 0, "entry", "entries")} that you left out stay here.</p>
        )}
        <Remarks transfer={transfer} />
      </Card>
      <Card title="One by one" id="entries">
        <Leaving transfer={transfer} followed={props.followed} choices={choices} />
      </Card>
      {/* A form of its own: Enter in the search above must start nothing. */}
      <Form onSubmit={start}>
        {transfer.kind === "sealed" && <Receiver transfer={transfer} />}
        {transfer.kind === "plain" && (
          <Notice tone="warn" title="This file is not encrypted">
            Anyone who gets it can sign in as you. Delete it as soon as it has served its purpose.
          </Notice>
        )}
        {direct && (
          <Card title="Who receives it" id="receiver">
            <div class="transfer-door">
              <App provider={direct} />
            </div>
            <Warning
              provider={direct}
              out
              sure={sure}
              onSure={setSure}
              error={warns(direct) && !sure ? missing || undefined : undefined}
            />
          </Card>
        )}
        {terminal ? (
          <>
            <InTerminal transfer={transfer} status={props.status} focusTitle={!noWindow} />
            <div class="row">{props.cancel}</div>
          </>
        ) : (
          <Card title={backup ? "Seal it" : asked.length > 0 ? "Compare and confirm" : "Confirm"} id="confirm">
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
                The file has a passphrase of its own. Without it nobody can open the file, and nobody can reset it:
                write it down where you will find it.
              </p>
            )}
            {direct && (
              <p>
                Keyferry says in its own window what leaves and to which program, and asks for your passphrase. The
                other app may ask you, too.
              </p>
            )}
            {noDialog || <p class="small soft">Keyferry will ask for your passphrase in its own window.</p>}
            {backup && noDialog && (
              <NewPassphrase
                value={passphrase}
                onInput={setPassphrase}
                strength={strength}
                error={missing || undefined}
              />
            )}
            {action.busy && !noDialog && (
              <WaitingForDialog
                what={backup ? "Confirm, then choose the file's passphrase." : "Confirm there."}
                onCancel={action.cancel}
              />
            )}
            {!wrongGroups && <FaultNotice fault={action.fault} />}
            <div class="row">
              <Button kind="primary" submit busy={action.busy !== undefined || lines.length === 0}>
                {transfer.kind === "backup" ? "Make the backup" : direct ? "Hand it over" : "Make the file"}
              </Button>
              {props.cancel}
            </div>
          </Card>
        )}
      </Form>
      <Details transfer={transfer} />
    </>
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
