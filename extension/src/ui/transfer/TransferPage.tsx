/** Moving everything in or out: choose a way, then follow the transfer, which lives in the agent. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLanding } from "../common/landing";
import { Page, Ready } from "../common/page";
import { Said } from "../common/show";
import { useConnection } from "../common/use";
import { Apps } from "./Apps";
import { Choose } from "./Choose";
import { MoveIn } from "./MoveIn";
import { MoveOut } from "./MoveOut";
import { OneTransfer } from "./OneTransfer";
import { Opened } from "./Opened";
import { type Place, usePlace } from "./place";

const TITLES: Record<Exclude<Place["at"], "transfer" | "open">, string> = {
  start: "Move in or out",
  "out-app": "Move out to an app on this computer",
  "out-computer": "Move out to another computer",
  "out-backup": "Make an encrypted backup",
  "out-file": "Move out to another manager",
  "in-app": "Move in from an app on this computer",
  "in-computer": "Move in from another computer",
  "in-backup": "Restore a backup",
  "in-file": "Move in from another manager",
};

export function TransferPage(): JSX.Element {
  const connection = useConnection();
  const [place, go] = usePlace();
  const [said, setSaid] = useState("");
  useLanding();
  const move = (next: Place, text = ""): void => {
    setSaid(text);
    go(next);
  };
  const start = (text?: string): void => move({ at: "start" }, text);
  const follow = (id: string): void => move({ at: "transfer", id });
  return (
    <Page here="transfer" connection={connection} narrow>
      <div class="stack">
        {place.at !== "transfer" && place.at !== "open" && <h1 tabIndex={-1}>{TITLES[place.at]}</h1>}
        <Said>{said}</Said>
        <Ready connection={connection} what="move things in or out">
          {status => {
            switch (place.at) {
              case "start":
                return <Choose go={move} />;
              case "transfer":
                return <OneTransfer key={place.id} id={place.id} status={status} onEnd={start} go={move} />;
              case "open":
                return <Opened key={place.id} id={place.id} onTaken={follow} onEnd={() => start()} />;
              case "out-app":
              case "in-app": {
                const out = place.at === "out-app";
                const other = (): void => move({ at: out ? "out-file" : "in-file" });
                return <Apps key={place.at} out={out} onBack={() => start()} onBegun={follow} onOther={other} />;
              }
              case "out-computer":
              case "out-backup":
              case "out-file":
                return <MoveOut key={place.at} way={place.at} onBack={() => start()} onBegun={follow} />;
              default:
                return <MoveIn key={place.at} way={place.at} onBack={() => start()} onBegun={follow} />;
            }
          }}
        </Ready>
      </div>
    </Page>
  );
}
