/** What is in the vault: the list, the trash, and what happened. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Page, Ready } from "../common/page";
import { useConnection } from "../common/use";
import { Activity } from "./Activity";
import { Entries } from "./Entries";
import { Trash } from "./Trash";

const PARTS = [
  ["", "Passkeys"],
  ["trash", "Trash"],
  ["activity", "Activity"],
] as const;

type Part = (typeof PARTS)[number][0];

function partNow(): Part {
  const hash = location.hash.slice(1);
  return PARTS.find(([name]) => name === hash)?.[0] ?? "";
}

export function VaultPage(): JSX.Element {
  const connection = useConnection();
  const [part, setPart] = useState(partNow);
  useEffect(() => {
    const look = (): void => setPart(partNow());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return (
    <Page here="vault" connection={connection}>
      <div class="stack">
        <h1>Vault</h1>
        <Ready connection={connection} what="see your vault">
          {status => (
            <>
              <nav class="vault-tabs" aria-label="Parts of the vault">
                {PARTS.map(([name, label]) => (
                  <a key={name} href={`#${name}`} aria-current={part === name ? "page" : undefined}>
                    {label}
                  </a>
                ))}
              </nav>
              {part === "" && <Entries />}
              {part === "trash" && <Trash status={status} />}
              {part === "activity" && <Activity />}
            </>
          )}
        </Ready>
      </div>
    </Page>
  );
}
