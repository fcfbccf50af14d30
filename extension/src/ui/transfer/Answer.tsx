/** What a file that came in asks before it opens: groups of its fingerprint, or the backup's passphrase. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { encodeBase64url } from "../../shared/base64url";
import { ask } from "../../shared/host";
import type { Status, Transfer, TransferAnswer } from "../../shared/protocol.gen";
import { Button, Form } from "../common/controls";
import { faultOf } from "../common/fault";
import { SecretField } from "../common/fields";
import { WaitingForDialog } from "../common/secret";
import { Card, FaultNotice, Notice } from "../common/show";
import { type Action, useAction } from "../common/use";
import { App, useSure, Warning, warns } from "./Apps";
import { Details } from "./Details";
import { FilePick } from "./FilePick";
import type { Followed } from "./follow";
import { GroupFields, groupsOf, type Typed } from "./Groups";

interface AnswerProps {
  transfer: Transfer;
  status: Status;
  followed: Followed;
  cancel: JSX.Element;
}

export function Answer(props: AnswerProps): JSX.Element {
  if (props.transfer.kind === "direct") return <Ask {...props} />;
  return props.transfer.needsPassphrase ? <Passphrase {...props} /> : <Compare {...props} />;
}

/** Sends an answer. One that is not taken may have changed the transfer all the same. */
function answer(action: Action, followed: Followed, body: TransferAnswer): void {
  void action
    .run(async signal => followed.set(await ask("transfer.answer", body, signal)))
    .then(done => done || followed.again());
}

/** What goes on, and what gives up. */
function Row(props: { go: string; action: Action; autoFocus?: boolean; cancel: JSX.Element }): JSX.Element {
  return (
    <div class="row">
      <Button kind="primary" submit autoFocus={props.autoFocus ?? false} busy={props.action.busy !== undefined}>
        {props.go}
      </Button>
      {props.cancel}
    </div>
  );
}

/** Asks another app on this computer. Nothing of it comes before the person has seen who it is. */
function Ask(props: AnswerProps): JSX.Element {
  const { transfer, followed } = props;
  const { provider } = transfer;
  const action = useAction();
  const [sure, setSure] = useSure(provider);
  const [missing, setMissing] = useState("");
  const go = (): void => {
    const unsure = warns(provider) && !sure;
    setMissing(unsure ? "Say that you know this program, or go back." : "");
    if (unsure || !provider) return;
    const body: TransferAnswer = { id: transfer.id, accept: provider.state };
    answer(action, followed, body); // an app that has changed meanwhile takes a warning of its own
  };
  return (
    <Form onSubmit={go}>
      <Card title="Who gives it" id="giver" focusTitle>
        {provider && (
          <>
            <div class="transfer-door">
              <App provider={provider} />
            </div>
            <Warning
              provider={provider}
              out={false}
              sure={sure}
              onSure={setSure}
              error={sure ? undefined : missing || undefined}
            />
          </>
        )}
        <p class="soft">
          Keyferry starts it and asks for what it holds. It may ask you for a yes in its own window. What it gives is
          shown to you before anything in your vault changes.
        </p>
        <FaultNotice fault={action.fault} />
        <Row go="Ask it" action={action} cancel={props.cancel} />
      </Card>
      <Details transfer={transfer} />
    </Form>
  );
}

function Compare(props: AnswerProps): JSX.Element {
  const { transfer, followed } = props;
  const asked = transfer.ask ?? [];
  const action = useAction();
  const [typed, setTyped] = useState<Typed>({});
  const [missing, setMissing] = useState("");
  const wrong = action.fault?.name === "fingerprint" ? action.fault.text : undefined;
  const send = (): void => {
    const groups = groupsOf(asked, typed);
    setMissing(groups ? "" : "Each group has four characters.");
    if (!groups) return;
    const body: TransferAnswer = { id: transfer.id, groups };
    if (transfer.classical) body.acceptClassical = true;
    answer(action, followed, body); // the last of several wrong tries ends it
  };
  return (
    <Form onSubmit={send}>
      <Card title="Is this the file that the other computer made?" id="compare">
        <p>
          The file says it comes from <strong class="foreign">{transfer.claim?.name || "an app without a name"}</strong>
          .
        </p>
        {transfer.claim?.suspicious && (
          <Notice tone="warn" title="This name looks dressed up">
            It has signs in it that can make it look like another one. Go on only if the code matches.
          </Notice>
        )}
        {transfer.classical && (
          <Notice tone="warn" title="A weaker seal than asked for" live>
            The file is not protected against future quantum computers, although your request offered that. Somebody who
            copied it on its way might open it many years from now. Going on accepts this.
          </Notice>
        )}
        <GroupFields
          asked={asked}
          autoFocus
          typed={typed}
          onTyped={setTyped}
          where="It shows the file's code of six groups since the file was made."
          error={wrong ?? (missing || undefined)}
        />
        {!wrong && <FaultNotice fault={action.fault} />}
        <Row go={transfer.classical ? "Open it all the same" : "Open it"} action={action} cancel={props.cancel} />
      </Card>
      <Details transfer={transfer} />
    </Form>
  );
}

function Passphrase(props: AnswerProps): JSX.Element {
  const { transfer, followed } = props;
  const action = useAction();
  const [here, setHere] = useState(props.status.dialog === "none");
  const [typed, setTyped] = useState("");
  // The agent says that the last one was wrong in the transfer itself: it tries it in the background.
  const before = transfer.error ? faultOf(transfer.error) : undefined;
  const backup = transfer.kind === "backup";
  const [keyFile, setKeyFile] = useState<KeyFile>();
  const [none, setNone] = useState(false);
  const typing = here && !none;
  const open = (): void => {
    if (typing && !typed) return;
    const body: TransferAnswer = { id: transfer.id };
    if (typing) body.secret = { passphrase: typed };
    if (keyFile) body.keyFile = keyFile.content;
    if (keyFile && none) body.noPassword = true;
    void action.run(async signal => {
      try {
        const answer = await ask("transfer.answer", body, signal);
        setTyped("");
        followed.set(answer);
      } catch (error) {
        if (faultOf(error).name !== "no-dialog" || here) throw error;
        setHere(true);
      }
    });
  };
  return (
    <Form onSubmit={open}>
      <Card title={backup ? "Open the backup" : "Open the file"} id="open">
        {none ? null : here ? (
          <SecretField
            label={backup ? "The backup's passphrase" : "The file's password"}
            value={typed}
            onInput={setTyped}
            autoFocus
            error={before?.name === "wrong-secret" ? before.text : undefined}
          />
        ) : (
          <p>Keyferry asks for the {backup ? "backup's passphrase" : "file's password"} in its own window.</p>
        )}
        {transfer.keyFile && <KeyFileField file={keyFile} onFile={setKeyFile} none={none} onNone={setNone} />}
        {!typing && <FaultNotice fault={before} />}
        {action.busy && !here && !none && (
          <WaitingForDialog
            what={backup ? "Type the backup's passphrase there." : "Type the file's password there."}
            onCancel={action.cancel}
          />
        )}
        <FaultNotice fault={action.fault} />
        <Row go={before ? "Try again" : "Open it"} autoFocus={!here} action={action} cancel={props.cancel} />
      </Card>
      <Details transfer={transfer} />
    </Form>
  );
}

interface KeyFile {
  readonly name: string;
  readonly content: string;
}

/** The largest key file (MaxKeyFile in host/protocol/transfer_in.go), in bytes. */
const MAX_KEY_FILE = 256 << 10;

/** The key file that a KeePass database may need, beside its password or instead of it. */
function KeyFileField(props: {
  file: KeyFile | undefined;
  onFile: (file: KeyFile | undefined) => void;
  none: boolean;
  onNone: (none: boolean) => void;
}): JSX.Element {
  const [error, setError] = useState("");
  const read = async (file: File): Promise<void> => {
    props.onFile(undefined);
    props.onNone(false);
    const wrong = file.size === 0 || file.size > MAX_KEY_FILE;
    setError(wrong ? "This is no key file: those are small, and not empty." : "");
    if (!wrong) props.onFile({ name: file.name, content: encodeBase64url(new Uint8Array(await file.arrayBuffer())) });
  };
  return (
    <details class="details" open={props.file !== undefined}>
      <summary>It needs a key file</summary>
      <div class="stack-s">
        <FilePick
          label="Key file"
          hint="The file that KeePass asks for beside the database, often with the ending .keyx or .key."
          error={error || undefined}
          onFile={file => void read(file)}
        />
        {props.file && (
          <label class="option">
            <input type="checkbox" checked={props.none} onChange={event => props.onNone(event.currentTarget.checked)} />
            <span>It has no password: the key file opens it alone.</span>
          </label>
        )}
      </div>
    </details>
  );
}
