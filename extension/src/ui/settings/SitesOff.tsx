/** The sites where Keyferry was switched off. */
import type { JSX } from "preact";
import { ask } from "../../shared/host";
import { Button } from "../common/controls";
import { Card, FaultNotice, Progress, Site } from "../common/show";
import { useAction, useAnswer } from "../common/use";

export function SitesOff(): JSX.Element {
  const off = useAnswer("sites.off", {});
  const action = useAction();
  return (
    <Card title="Sites without Keyferry" id="sites">
      {!off.value && (off.fault ? <FaultNotice fault={off.fault} /> : <Progress label="Looking…" />)}
      {off.value && off.value.sites.length === 0 && (
        <p class="soft">None. To switch Keyferry off on a site, open it and press Keyferry's button in the toolbar.</p>
      )}
      {off.value && off.value.sites.length > 0 && (
        <ul class="list">
          {off.value.sites.map(site => (
            <li key={site} class="row row-spread">
              <Site name={site} small />
              <Button
                small
                label={`Use again on ${site}`}
                busy={action.busy === site}
                onPress={() =>
                  void action.run(async signal => {
                    await ask("site.set", { origin: `https://${site}`, off: false }, signal);
                    off.again();
                  }, site)
                }
              >
                Use again
              </Button>
            </li>
          ))}
        </ul>
      )}
      <FaultNotice fault={action.fault} />
    </Card>
  );
}
