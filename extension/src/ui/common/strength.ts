/** Rates a passphrase while it is typed: the host judges (type "passphrase.check"), the page only waits for a pause. */
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/host";
import { faultOf } from "./fault";
import type { Strength } from "./secret";

const PAUSE_MS = 250;
// Not rated yet stops nobody: whoever types fast and presses Enter has the host judge when it is set.
const UNRATED: Strength = { verdict: "", accept: true };

export function useStrength(passphrase: string): Strength {
  const [strength, setStrength] = useState(UNRATED);
  useEffect(() => {
    setStrength(UNRATED);
    if (!passphrase) return;
    const end = new AbortController();
    const timer = setTimeout(() => {
      ask("passphrase.check", { passphrase }, end.signal).then(
        ({ accept, verdict }) => setStrength({ accept, verdict }),
        // The host judges again when it is set: not being able to rate it now must not stop the person.
        error =>
          !end.signal.aborted &&
          setStrength({ accept: true, verdict: `Its strength can't be judged now: ${faultOf(error).text}` }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [passphrase]);
  return strength;
}
