import assert from "node:assert/strict";
import { test } from "node:test";
import { takeChannel } from "./channel";
import { ASK, OFFER, type RequestReply } from "./wire";

/** Offers a port on a target as the isolated script does, and gives the other end. */
function offer(target: EventTarget): { root: MessagePort; taken: boolean } {
  const { port1, port2 } = new MessageChannel();
  const event = new MessageEvent(OFFER, { cancelable: true, ports: [port2] as never });
  return { root: port1, taken: !target.dispatchEvent(event) };
}

/** A channel whose isolated side is `serve`. The caller closes the root. */
function open(serve: (message: unknown, port: MessagePort, root: MessagePort) => void) {
  const target = new EventTarget();
  let root: MessagePort | undefined;
  target.addEventListener(ASK, () => {
    root = offer(target).root;
    root.onmessage = e => serve(e.data, e.ports[0] as MessagePort, root as MessagePort);
  });
  const channel = takeChannel(target);
  return { channel, target, close: () => root?.close() };
}

test("the port is taken once; a later one is not", () => {
  const { channel, target, close } = open(() => {});
  assert.ok(channel.alive);
  const forged = offer(target);
  forged.root.close();
  close();
  assert.equal(forged.taken, false);
});

test("each request has a port of its own, and answers find their request", async () => {
  const { channel, close } = open((message, port) => {
    const { options } = message as { options: string };
    setTimeout(() => port.postMessage({ result: options }), options === "slow" ? 30 : 0);
  });
  const ask = (options: string) =>
    new Promise<RequestReply | "gone">(resolve => {
      const request = channel.open({ kind: "get", options, mediation: "" }, reply => {
        request.close();
        resolve(reply);
      });
    });
  assert.deepEqual(await Promise.all([ask("slow"), ask("fast")]), [{ result: "slow" }, { result: "fast" }]);
  close();
});

test("a lost extension ends what waits, and the channel for good", async () => {
  const { channel, close } = open((_message, _port, root) => root.postMessage({ gone: true }));
  const reply = await new Promise(resolve => channel.open({ kind: "facts" }, resolve));
  assert.equal(reply, "gone");
  assert.equal(channel.alive, false);
  close();
});
