/** Imports of the last 30 days, each of which can be taken back. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask } from "../../shared/host";
import type { ImportDone } from "../../shared/protocol.gen";
import { Confirm } from "../common/confirm";
import { Card, FaultNotice, Said } from "../common/show";
import { useAction, useAnswer } from "../common/use";
import { count, figure, moment } from "../common/words";

export function Imports(): JSX.Element | null {
  const list = useAnswer("transfer.imports", {});
  const [said, setSaid] = useState("");
  const all = list.value?.imports ?? [];
  if (list.fault) return <FaultNotice fault={list.fault} />;
  if (all.length === 0 && !said) return null;
  return (
    <Card title="Moved in lately" id="imports">
      <Said tone="good">{said}</Said>
      <ul class="list">
        {all.map(done => (
          <li key={done.id} class="transfer-door">
            <span class="list-main">
              <strong>
                {count(done.added, "entry", "entries")} brought in
                {done.replaced > 0 && `, ${figure(done.replaced)} replaced`}
              </strong>
              <span class="small soft">
                {moment(done.at)}
                {done.from && (
                  <>
                    , from <span class="foreign">{done.from}</span>
                  </>
                )}
              </span>
            </span>
            <Undo
              id={done.id}
              of={done}
              onDone={text => {
                setSaid(text);
                list.again();
              }}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Takes one import back, after a question. */
export function Undo(props: {
  id: string;
  of: Pick<ImportDone, "added" | "replaced">;
  onDone: (text: string) => void;
}): JSX.Element {
  const action = useAction();
  return (
    <Confirm
      label="Undo this import"
      title="Undo this import?"
      yes="Undo it"
      no="Keep it as it is"
      busy={action.busy !== undefined}
      onYes={() =>
        action.run(async signal => {
          const { removed, restored, lost } = await ask("transfer.undo", { id: props.id }, signal);
          const parts = [`${count(removed, "entry", "entries")} moved to the trash`];
          if (restored > 0) parts.push(`${count(restored, "entry", "entries")} brought back`);
          const gone =
            lost > 0 ? ` ${count(lost, "replaced entry", "replaced entries")} had left the trash already.` : "";
          props.onDone(`Undone: ${parts.join(", ")}.${gone}`);
        })
      }
    >
      <p>
        What came in goes to the trash, and what it replaced comes back. A passkey that you have used at a site since
        then goes to the trash, too.
      </p>
      <FaultNotice fault={action.fault} />
    </Confirm>
  );
}
