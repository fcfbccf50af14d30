/** The reminder of moves out whose originals wait: did it all arrive? */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { Messages, Moved } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Button } from "../common/controls";
import { Card, FaultNotice, Said } from "../common/show";
import { type Answer, useAction } from "../common/use";
import { count, moment } from "../common/words";
import { originalsText } from "./Originals";

export function MovedOut(props: { list: Answer<Messages["transfer.moved"]["answer"]> }): JSX.Element | null {
  const { list } = props;
  const [said, setSaid] = useState("");
  const moves = list.value?.moves ?? [];
  if (list.fault) return <FaultNotice fault={list.fault} />;
  if (moves.length === 0 && !said) return null;
  return (
    <Card title="Did it arrive?" id="moved-out">
      <Said tone="good">{said}</Said>
      {moves.length > 0 && (
        <p class="soft">
          Sign in somewhere with the app that you moved to. Once that works, what is still here can go to the trash.
        </p>
      )}
      <ul class="list">
        {moves.map(move => (
          <Line
            key={move.id}
            move={move}
            onSaid={text => {
              setSaid(text);
              list.again();
            }}
          />
        ))}
      </ul>
    </Card>
  );
}

function Line(props: { move: Moved; onSaid: (text: string) => void }): JSX.Element {
  const { move } = props;
  const action = useAction();
  const what = count(move.count, "entry", "entries");
  const settle = (say: "keep" | "trash"): Promise<boolean> =>
    action.run(async signal => {
      const done = await ask("transfer.settle", { id: move.id, do: say }, signal);
      props.onSaid(say === "trash" ? originalsText(done) : "Everything stays in this vault, too.");
    }, say);
  return (
    <li class="transfer-door">
      <span class="list-main">
        <strong>
          {what} moved out to <span class="foreign">{move.to}</span>
        </strong>
        <span class="small soft">{moment(move.at)}</span>
        <FaultNotice fault={action.fault} />
      </span>
      <span class="row">
        <Button busy={action.busy !== undefined} onPress={() => void settle("keep")} label={`Keep it here: ${what}`}>
          Keep it here
        </Button>
        <Confirm
          label="It arrived: trash it here"
          accessibleLabel={`It arrived: trash it here, ${what}`}
          title="Move what has moved out to the trash?"
          yes="Move them to the trash"
          no="Not yet"
          busy={action.busy !== undefined}
          onYes={() => settle("trash")}
        >
          <p>For 30 days you can take them out of the trash again. What changed here since then stays.</p>
        </Confirm>
      </span>
    </li>
  );
}
