/** Which site asks for what: the part of the window that must be understood at a glance. */
import type { JSX } from "preact";
import type { CeremonyView } from "../../shared/protocol.gen";
import { Notice } from "../common/show";
import { initial } from "../common/words";

/** The heading before the site's name. */
function verb(view: CeremonyView): string {
  if (view.state === "locked")
    return view.kind === "create" ? "Unlock Keyferry to save a passkey for" : "Unlock Keyferry to sign in to";
  if (view.excluded) return "You already have a passkey for";
  return view.kind === "create" ? "Save a passkey for" : "Sign in to";
}

export function title(view: CeremonyView): string {
  return `${verb(view)} ${view.site}`;
}

export function What(props: { view: CeremonyView }): JSX.Element {
  const { view } = props;
  const claim = view.rpName && view.rpName !== view.site && view.rpName !== view.rpId ? view.rpName : "";
  return (
    <>
      <div class="asks">
        <span class="site-tile" aria-hidden="true">
          {initial(view.site)}
        </span>
        <div class="list-main">
          <h1>
            <span class="asks-verb">{verb(view)}</span>{" "}
            <span class={`asks-site site-name ${view.site.length > 30 ? "asks-long" : ""}`}>{view.site}</span>
          </h1>
          <p class="small soft">
            <span class="unseen">Asked by </span>
            <span class="site-name asks-origin">{view.origin}</span>
          </p>
          {claim && (
            <p class="small soft">
              It calls itself “<span class="foreign">{claim}</span>”.
            </p>
          )}
        </div>
      </div>
      {view.topSite && (
        <Notice tone="warn" title="Asked from inside another site">
          The page in the address bar is <strong class="site-name">{view.topSite}</strong>. Go on only if you expect it
          to use <span class="site-name">{view.site}</span>.
        </Notice>
      )}
    </>
  );
}

/** What a yes does, in plain words. */
export function consequence(view: CeremonyView): string {
  if (view.excluded)
    return `If you go on, ${view.site} is told that this vault holds one for this account. No second one is made, and yours stays as it is.`;
  if (view.kind === "create")
    return "Keyferry makes a passkey for this account and keeps it in your vault on this computer.";
  return "Keyferry signs you in. Your passkey stays in your vault.";
}
