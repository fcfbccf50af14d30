/** Stands in for shared/host.ts in the preview: answers from the state that the address names. */
import type { Events, Messages } from "../../shared/protocol.gen";
import type { ConnectionState } from "../../shared/wire";
import { current } from "./current";
import { type Answers, connected, refuse } from "./world";

export type { ConnectionState } from "../../shared/wire";

// What was asked for, for tests to look at.
const asked: string[] = [];
const bodies: unknown[] = [];
Object.assign(globalThis, { asked, bodies });

/** What pages ask for in every state. */
const everyPage: Answers = { "profiles.list": () => ({ profiles: [{ name: "default", current: true }] }) };

let connection: ConnectionState = current.connection ?? connected("unlocked");
const connections = new Set<(state: ConnectionState) => void>();
const listeners = new Set<(name: string, body: unknown) => void>();

function tell<E extends keyof Events>(name: E, body: Events[E]): void {
  for (const listener of [...listeners]) listener(name, body);
}

export async function ask<T extends keyof Messages>(
  type: T,
  body: Messages[T]["request"],
  signal?: AbortSignal,
): Promise<Messages[T]["answer"]> {
  signal?.throwIfAborted();
  asked.push(type);
  bodies.push(body);
  await new Promise(resolve => setTimeout(resolve, 5));
  const answer = current.answers?.[type] ?? everyPage[type];
  const answered = answer ? answer(body, tell) : refuse("internal", `the preview state answers no ${type}`);
  if (type === "unlock") void Promise.resolve(answered).then(() => opened());
  if (!signal) return answered;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([answered, aborted]);
}

export function onEvent<E extends keyof Events>(name: E, fn: (body: Events[E]) => void, signal?: AbortSignal): void {
  const listener = (n: string, body: unknown): void => {
    if (n === name) fn(body as Events[E]);
  };
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener));
}

export async function connectionState(): Promise<ConnectionState> {
  return connection;
}

/** The vault was opened: what the background would tell every page. */
function opened(): void {
  if (connection.kind !== "ok") return;
  const { status, paired } = connection;
  connection = {
    ...connection,
    status: { ...status, vault: "unlocked" },
    paired: paired === "unknown" ? "no" : paired,
  };
  for (const fn of [...connections]) fn(connection);
}

export const retryConnection = connectionState;
export const chooseProfile = connectionState;

export function onConnection(fn: (state: ConnectionState) => void, signal?: AbortSignal): void {
  connections.add(fn);
  signal?.addEventListener("abort", () => connections.delete(fn));
}

export function onPictureInPicture(fn: (open: boolean) => void, _signal?: AbortSignal): void {
  fn(current.pictureInPicture ?? false);
}
