/** Step by step, per manager: how its file comes to be, or how ours gets into it. */
import type { JSX } from "preact";
import { Card } from "../common/show";
import { GUIDES } from "./managers";

export function Guides(props: { out: boolean }): JSX.Element {
  const steps = (guide: (typeof GUIDES)[number]): readonly string[] => (props.out ? guide.to : guide.from);
  return (
    <Card title={props.out ? "How the file gets into the other manager" : "How to get the file"} id="guides">
      <p class="small soft">The names of menus may differ a little from version to version.</p>
      {GUIDES.filter(guide => steps(guide).length > 0).map(guide => (
        <details key={guide.manager} class="details">
          <summary>{guide.manager}</summary>
          <ol class="guide">
            {steps(guide).map(step => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          {guide.note && <p class="small soft">{guide.note}</p>}
        </details>
      ))}
    </Card>
  );
}
