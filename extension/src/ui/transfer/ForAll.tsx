/** One choice for everything of a verdict, or for what a search finds of it. */
import type { JSX } from "preact";
import { ask } from "../../shared/host";
import { Button } from "../common/controls";
import { FaultNotice } from "../common/show";
import { useAction } from "../common/use";
import { figure } from "../common/words";
import { choiceName, type Verdict } from "./words";

/** What can be chosen for many at once. Where a single one does not allow it, that one stays as it is. */
const CHOICES: Readonly<Record<Verdict, readonly string[]>> = {
  new: ["take", "keep"],
  duplicate: [],
  differs: ["keep", "take", "merge", "both"],
  conflict: ["keep", "take"],
  unreadable: [],
};

export function ForAll(props: {
  id: string;
  verdict: Verdict;
  query: string;
  total: number;
  onDone: () => void;
}): JSX.Element | null {
  const { id, verdict, query, total } = props;
  const action = useAction();
  const choices = CHOICES[verdict];
  if (choices.length === 0 || total < 2) return null;
  const choose = (choice: string): void => {
    void action.run(async signal => {
      await ask("transfer.choose", { id, all: true, status: verdict, ...(query ? { query } : {}), choice }, signal);
      props.onDone();
    }, choice);
  };
  return (
    <div class="stack-s">
      <fieldset class="row" aria-label={`For all ${figure(total)}`}>
        <span class="small">{query ? `For the ${figure(total)} found:` : `For all ${figure(total)}:`}</span>
        {choices.map(choice => (
          <Button key={choice} small busy={action.busy !== undefined} onPress={() => choose(choice)}>
            {choiceName(choice, verdict)}
          </Button>
        ))}
      </fieldset>
      <FaultNotice fault={action.fault} />
    </div>
  );
}
