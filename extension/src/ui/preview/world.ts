/** What a preview state is made of. Everything here is for development; no release build contains it. */

import type { Events, Messages, Status } from "../../shared/protocol.gen";
import { ErrorCode, type ErrorName } from "../../shared/protocol.gen";
import type { ConnectionState } from "../../shared/wire";

/** Sends an event to the page, as the agent would. */
export type Tell = <E extends keyof Events>(name: E, body: Events[E]) => void;

export type Answers = {
  [T in keyof Messages]?: (
    body: Messages[T]["request"],
    tell: Tell,
  ) => Messages[T]["answer"] | Promise<Messages[T]["answer"]>;
};

/** What the preview script does in the page before it looks: presses by accessible name, fills by label, keys. */
export type Step =
  | { press: string }
  | { fill: readonly [label: string, text: string] }
  | { key: string }
  | { wait: number }
  /** Opens the n-th line of the vault's list. */
  | { entry: number };

export interface State {
  readonly page: "approve" | "welcome" | "popup" | "unlock" | "vault" | "settings" | "transfer";
  readonly connection?: ConnectionState;
  readonly answers?: Answers;
  readonly pictureInPicture?: boolean;
  readonly sites?: boolean;
  readonly inPrivate?: boolean;
  readonly tabOrigin?: string | null;
  readonly steps?: readonly Step[];
  readonly hash?: string;
  /** More of the address: "forgot=yes". */
  readonly query?: string;
  /** Look while it is still arming. */
  readonly early?: boolean;
}

/** An answer that never comes. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** A refusal, as shared/host.ts throws it. */
export function refuse(name: ErrorName, message: string): never {
  throw Object.assign(new Error(message), { code: ErrorCode[name], name });
}

export function status(vault: Status["vault"], more: Partial<Status> = {}): Status {
  return { vault, dialog: "pinentry", version: "0.1.0", profile: "default", ...more };
}

export function connected(
  vault: Status["vault"],
  paired: "yes" | "no" | "unknown" = "yes",
  more: Partial<Status> = {},
): ConnectionState {
  const s = status(vault, more);
  return {
    kind: "ok",
    hello: { protocol: 1, version: "0.1.0", nonce: "", status: s },
    status: s,
    paired,
    test: s.test ?? false,
  };
}
