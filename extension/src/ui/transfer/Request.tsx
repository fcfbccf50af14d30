/** The request that another computer answers: made once, saved as a file, with the groups that the other side asks for. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { decodeBase64url } from "../../shared/base64url";
import { ask } from "../../shared/host";
import type { RequestMade, RequestOpen } from "../../shared/protocol.gen";
import { Button } from "../common/controls";
import { Card, FaultNotice, Notice, Progress } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { moment } from "../common/words";
import { Fingerprint } from "./Groups";
import { RequestCode } from "./RequestCode";
import { downloadBlob, today } from "./save";
import { fingerprintOf } from "./words";

export function Request(): JSX.Element {
  const open = useAnswer("transfer.requests", {});
  const [made, setMade] = useState<RequestMade>();
  const action = useAction();
  const waiting = (open.value?.requests ?? []).filter(r => r.digest !== made?.digest);
  const make = (): void => {
    void action.run(async signal => {
      const request = await ask("transfer.request", {}, signal);
      setMade(request);
      save(request);
    });
  };
  return (
    <Card title="1. Make a request" id="request">
      <p>
        A request is a small file without anything secret in it. The other computer needs it to seal what it sends, so
        that only this vault can open it, and only once.
      </p>
      {!open.value && !open.fault && <Progress label="Looking…" />}
      <FaultNotice fault={open.fault} />
      {made && (
        <>
          <Notice tone="good" title="The request is in your downloads" live>
            Take it to the other computer by stick, mail or chat. Open Keyferry's “Move out” there, choose “To another
            computer”, and give it this file. It is good until {moment(made.expiresAt)}.
          </Notice>
          <Shown fingerprint={made.fingerprint} />
          <RequestCode request={made.request} />
          <div class="row">
            <Button onPress={() => save(made)}>Save it once more</Button>
            <Forget digest={made.digest} onGone={() => setMade(undefined)} />
          </div>
        </>
      )}
      {waiting.length > 0 && (
        <div class="stack">
          <h3>{made ? "Earlier requests" : "Requests that wait for their answer"}</h3>
          <ul class="list">
            {waiting.map(request => (
              <Waiting key={request.digest} request={request} onGone={open.again} />
            ))}
          </ul>
        </div>
      )}
      <FaultNotice fault={action.fault} />
      {!made && (
        <div>
          <Button kind={waiting.length > 0 ? "secondary" : "primary"} busy={action.busy !== undefined} onPress={make}>
            {waiting.length > 0 ? "Make another request" : "Make the request and save it"}
          </Button>
        </div>
      )}
    </Card>
  );
}

function save(request: RequestMade): void {
  const blob = new Blob([decodeBase64url(request.request)], { type: "application/octet-stream" });
  downloadBlob(`keyferry-request-${today()}-${request.fingerprint.slice(0, 4)}.cxprequest`, blob);
}

function Shown(props: { fingerprint: string }): JSX.Element {
  return (
    <div class="stack-s">
      <p>The other computer asks for three of these groups. Read them from here:</p>
      <Fingerprint text={props.fingerprint} label="The request's groups" />
    </div>
  );
}

function Waiting(props: { request: RequestOpen; onGone: () => void }): JSX.Element {
  const { digest, expiresAt } = props.request;
  return (
    <li class="stack-s">
      <span>Good until {moment(expiresAt)}</span>
      <Shown fingerprint={fingerprintOf(digest)} />
      <Forget digest={digest} onGone={props.onGone} />
    </li>
  );
}

function Forget(props: { digest: string; onGone: () => void }): JSX.Element {
  const action = useAction();
  return (
    <div>
      <Button
        small
        busy={action.busy !== undefined}
        onPress={() =>
          void action.run(async signal => {
            await ask("transfer.forget", { digest: props.digest }, signal);
            props.onGone();
          })
        }
      >
        Withdraw this request
      </Button>
      <FaultNotice fault={action.fault} />
    </div>
  );
}
