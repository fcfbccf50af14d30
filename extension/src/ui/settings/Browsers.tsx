/** Which browsers were let in, and how to put one out. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Browser } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Card, FaultNotice, Notice, Progress, Tag } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { ago, day } from "../common/words";

export function Browsers(): JSX.Element {
  const list = useAnswer("browsers.list", {});
  const [said, setSaid] = useState("");
  return (
    <Card title="Connected browsers" id="browsers">
      <p class="soft">Only these may ask your vault for anything.</p>
      {said && (
        <Notice tone="good" live>
          {said}
        </Notice>
      )}
      {!list.value && (list.fault ? <FaultNotice fault={list.fault} /> : <Progress label="Looking…" />)}
      {list.value && (
        <ul class="list">
          {list.value.browsers.map(browser => (
            <Line
              key={browser.id}
              browser={browser}
              onGone={() => {
                setSaid(`${browser.label} is disconnected.`);
                list.again();
              }}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line(props: { browser: Browser; onGone: () => void }): JSX.Element {
  const { browser } = props;
  const action = useAction();
  const name = browser.label || "A browser without a name";
  return (
    <li class="line">
      <span class="list-main">
        <span>
          <strong class="foreign">{name}</strong> {browser.current && <Tag tone="good">This one</Tag>}
        </span>
        <span class="small soft">
          Connected {day(browser.pairedAt)}
          {browser.seenAt ? `, last seen ${ago(browser.seenAt, Date.now())}` : ""}
        </span>
      </span>
      <Confirm
        label="Disconnect"
        small
        accessibleLabel={`Disconnect ${name}`}
        title={browser.current ? "Disconnect this browser?" : `Disconnect “${name}”?`}
        yes="Disconnect"
        busy={action.busy !== undefined}
        onYes={() =>
          action.run(async signal => {
            await ask("browsers.revoke", { id: browser.id }, signal);
            props.onGone();
          })
        }
      >
        <p>
          {browser.current ? "This page stops working, too. " : ""}It can't use your passkeys until it is connected
          again, which takes your passphrase. Your passkeys stay.
        </p>
        <FaultNotice fault={action.fault} />
      </Confirm>
    </li>
  );
}
