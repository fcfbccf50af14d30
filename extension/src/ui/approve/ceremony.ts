/**
 * The ceremony as the window knows it. The agent holds it; this asks what to show, sends the person's decision, and
 * follows what becomes of it. A yes repeats the hash of what was shown, so that it can't be a yes to something else.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { closeThisPage } from "../../shared/browser";
import { ask, connectionState, onEvent } from "../../shared/host";
import type { CeremonyView, Secret } from "../../shared/protocol.gen";
import { type Fault, faultOf } from "../common/fault";

export type Phase =
  | { kind: "loading" }
  | {
      kind: "shown";
      view: CeremonyView;
      /** The secret is asked for in this window, for lack of a dialog. */
      here: boolean;
      /** What is being done: the agent works, or its dialog asks. */
      busy?: "working" | "dialog";
      fault?: Fault;
      /** What was asked for is not what was shown a moment ago. */
      changed?: boolean;
    }
  | { kind: "over"; title: string; text: string; tone: "info" | "good" | "bad" };

export interface Ceremony {
  readonly phase: Phase;
  approve(account: string | undefined, secret: Secret | undefined): void;
  unlock(secret: Secret | undefined): void;
  refuse(otherDevice: boolean): void;
}

const OVER = "You can close this window and try again on the site.";

export function useCeremony(id: string | undefined): Ceremony {
  const [phase, setPhase] = useState<Phase>({ kind: "loading" });
  const latest = useRef<Phase>(phase);
  latest.current = phase;
  const noDialog = useRef(false);

  const show = useCallback((view: CeremonyView, more: { fault?: Fault; changed?: boolean } = {}): void => {
    if (view.state === "over") {
      setPhase({ kind: "over", title: "This request has ended", text: OVER, tone: "info" });
      return;
    }
    const here = noDialog.current ? view.state === "locked" || view.verify !== "none" : view.verify === "here";
    setPhase({ kind: "shown", view, here, ...(view.state === "working" ? { busy: "working" as const } : {}), ...more });
  }, []);

  const describe = useCallback(
    async (more: { fault?: Fault; changed?: boolean } = {}): Promise<void> => {
      if (!id) {
        setPhase({
          kind: "over",
          title: "Nothing is being asked",
          text: "This window was opened without a request. You can close it.",
          tone: "info",
        });
        return;
      }
      try {
        const [view, connection] = await Promise.all([ask("ceremony.describe", { ceremony: id }), connectionState()]);
        if (connection.kind === "ok" && connection.status.dialog === "none") noDialog.current = true;
        show(view, more);
      } catch (error) {
        const fault = faultOf(error);
        if (fault.name === "not-found")
          setPhase({ kind: "over", title: "This request has ended", text: OVER, tone: "info" });
        else
          setPhase({
            kind: "over",
            title: fault.title,
            text: `${fault.text} Nothing was signed. ${OVER}`,
            tone: "bad",
          });
      }
    },
    [id, show],
  );

  useEffect(() => {
    const end = new AbortController();
    onEvent(
      "ceremony.end",
      ({ ceremony }) => {
        if (ceremony !== id) return;
        setPhase({ kind: "over", title: "This request has ended", text: OVER, tone: "info" });
        void closeThisPage();
      },
      end.signal,
    );
    onEvent("agent.hello", () => void describe(), end.signal);
    onEvent(
      "status.changed",
      ({ vault }) => {
        const now = latest.current;
        const locked = now.kind === "shown" && now.view.state === "locked";
        if (now.kind === "shown" && !now.busy && locked !== (vault !== "unlocked")) void describe();
      },
      end.signal,
    );
    void describe();
    return () => end.abort();
  }, [id, describe]);

  /** Sends a decision; what hinders it is shown over the same view, or over the new one where that changed. */
  const decide = useCallback(
    async (secret: Secret | undefined, work: (view: CeremonyView) => Promise<void>): Promise<void> => {
      const now = latest.current;
      if (now.kind !== "shown" || now.busy) return;
      const { view, here } = now;
      const dialog = !secret && (view.state === "locked" || view.verify === "dialog");
      setPhase({ kind: "shown", view, here, busy: dialog ? "dialog" : "working" });
      try {
        await work(view);
      } catch (error) {
        const fault = faultOf(error);
        // The agent thought that it had a dialog, and none came up: ask here.
        if (fault.name === "no-dialog" || (fault.name === "verification" && dialog)) {
          noDialog.current = true;
          show(view);
        } else if (fault.name === "wrong-secret" || fault.name === "rate-limited") {
          setPhase({ kind: "shown", view, here, fault });
        } else {
          await describe(fault.name === "stale" ? { changed: true } : { fault });
        }
      }
    },
    [describe, show],
  );

  const approve = useCallback(
    (account: string | undefined, secret: Secret | undefined) => {
      void decide(secret, async view => {
        await ask("ceremony.approve", {
          ceremony: view.ceremony,
          hash: view.hash,
          ...(account !== undefined ? { account } : {}),
          ...(secret ? { secret } : {}),
        });
        setPhase({ kind: "over", title: "Done", text: "You can close this window.", tone: "good" });
        void closeThisPage();
      });
    },
    [decide],
  );

  const unlock = useCallback(
    (secret: Secret | undefined) => {
      void decide(secret, async view =>
        show(await ask("ceremony.unlock", { ceremony: view.ceremony, ...(secret ? { secret } : {}) })),
      );
    },
    [decide, show],
  );

  const refuse = useCallback(
    (otherDevice: boolean) => {
      // Not by way of decide: a no must go through while something else is under way.
      const leave = (): void => {
        setPhase({
          kind: "over",
          title: otherDevice ? "Over to your browser" : "Cancelled",
          text: "You can close this window.",
          tone: "info",
        });
        void closeThisPage();
      };
      if (!id) leave();
      else ask("ceremony.refuse", { ceremony: id, ...(otherDevice ? { otherDevice } : {}) }).then(leave, leave);
    },
    [id],
  );

  return { phase, approve, unlock, refuse };
}
