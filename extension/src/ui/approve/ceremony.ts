/**
 * The ceremony as the window knows it. The agent holds it; this asks what to show, sends the person's decision, and
 * follows what becomes of it. A yes repeats the hash of what was shown, so that it can't be a yes to something else.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, onEvent } from "../../shared/host";
import type { CeremonyView, Secret } from "../../shared/protocol.gen";
import { type Fault, faultOf } from "../common/fault";

export type Phase =
  | { kind: "loading" }
  | {
      kind: "shown";
      view: CeremonyView;
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
    const here = noDialog.current && view.verify === "dialog" ? { ...view, verify: "here" as const } : view;
    setPhase({ kind: "shown", view: here, ...(view.state === "working" ? { busy: "working" as const } : {}), ...more });
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
        show(await ask("ceremony.describe", { ceremony: id }), more);
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
        window.close();
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
    async (work: (view: CeremonyView) => Promise<void>, busy: "working" | "dialog"): Promise<void> => {
      const now = latest.current;
      if (now.kind !== "shown" || now.busy) return;
      const { view } = now;
      setPhase({ kind: "shown", view, busy });
      try {
        await work(view);
      } catch (error) {
        const fault = faultOf(error);
        switch (fault.name) {
          case "stale":
            await describe({ changed: true });
            return;
          case "no-dialog":
            noDialog.current = true;
            setPhase({ kind: "shown", view: { ...view, verify: "here" } });
            return;
          case "wrong-secret":
          case "rate-limited":
            setPhase({ kind: "shown", view, fault });
            return;
          case "not-found":
            setPhase({
              kind: "over",
              title: "This request has ended",
              text: `Nothing was signed. ${OVER}`,
              tone: "info",
            });
            return;
          default:
            await describe({ fault });
        }
      }
    },
    [describe],
  );

  const approve = useCallback(
    (account: string | undefined, secret: Secret | undefined) => {
      const now = latest.current;
      const asks = now.kind === "shown" && now.view.verify === "dialog";
      void decide(
        async view => {
          await ask("ceremony.approve", {
            ceremony: view.ceremony,
            hash: view.hash,
            ...(account !== undefined ? { account } : {}),
            ...(secret ? { secret } : {}),
          });
          setPhase({ kind: "over", title: "Done", text: "You can close this window.", tone: "good" });
          window.close();
        },
        asks ? "dialog" : "working",
      );
    },
    [decide],
  );

  const unlock = useCallback(
    (secret: Secret | undefined) => {
      void decide(
        async view => show(await ask("ceremony.unlock", { ceremony: view.ceremony, ...(secret ? { secret } : {}) })),
        secret ? "working" : "dialog",
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
        window.close();
      };
      if (!id) leave();
      else ask("ceremony.refuse", { ceremony: id, ...(otherDevice ? { otherDevice } : {}) }).then(leave, leave);
    },
    [id],
  );

  return { phase, approve, unlock, refuse };
}
