/** Whether the vault is whole: it checks itself after it was opened. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { command } from "../common/command";
import { Card, CodeBlock, FaultNotice, Notice, Progress } from "../common/show";
import { useAnswer } from "../common/use";
import { count } from "../common/words";

const AGAIN_MS = 1000;

export function Health(props: { profile: string }): JSX.Element {
  const health = useAnswer("vault.health", {});
  const { value, again } = health;
  const checking = value?.state === "checking";
  useEffect(() => {
    if (!checking) return;
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, [checking, again]);
  return (
    <Card title="Health of the vault" id="health">
      {!value && (health.fault ? <FaultNotice fault={health.fault} /> : <Progress label="Looking…" />)}
      {checking && <Progress label="Checking every record…" part={value.total > 0 ? value.checked / value.total : 0} />}
      {value?.state === "whole" && (
        <Notice tone="good" title="The vault is whole">
          {value.total === 0
            ? "There is nothing in it yet."
            : `${count(value.total, "record")} checked since it was opened; each is as Keyferry wrote it.`}
        </Notice>
      )}
      {value?.state === "damaged" && (
        <>
          <Notice tone="bad" title="The vault is damaged">
            What is intact stays usable, for reading only. This command tells more and offers to save the rest:
          </Notice>
          <CodeBlock code={command("doctor vault", props.profile)} label="the command" />
          {value.findings && value.findings.length > 0 && (
            <ul class="list" aria-label="What was found">
              {value.findings.map(finding => (
                <li key={finding}>{finding}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </Card>
  );
}
