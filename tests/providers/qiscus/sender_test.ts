import { assertEquals } from "@std/assert";
import { systemClock } from "../../../src/async/clock.ts";
import { LeaseLostError } from "../../../src/errors.ts";
import type { QiscusOutcome } from "../../../src/providers/qiscus/client.ts";
import { createQiscusSender } from "../../../src/providers/qiscus/sender.ts";
import { aMessage } from "../../support/messaging.ts";

const MESSAGE = {
  message: aMessage({ id: "msg_1", to: "6281", channel: "qiscus", deviceId: null, waMessageId: null }),
  payload: '{"type":"text"}',
};

/** Sends one message; what happened, in order. */
async function send(
  outcomes: readonly QiscusOutcome[],
  leaving: () => Promise<void> = () => Promise.resolve(),
) {
  const happened: string[] = [];
  const left = [...outcomes];
  const note = (what: string) => () => {
    happened.push(what);
    return Promise.resolve();
  };
  const sender = createQiscusSender({
    client: {
      send(_to, _payload, onLeaving) {
        onLeaving();
        return Promise.resolve(left.shift()!);
      },
    },
    departures: {
      async leaving() {
        await leaving();
        happened.push("leaving");
      },
      left: () => void happened.push("left"),
      returned: note("returned"),
      decided: () => void happened.push("decided"),
    },
    statuses: { accepted: note("accepted") },
    messages: { change: () => Promise.resolve(undefined) },
    blasts: { putBack: note("put back") },
    publish: () => Promise.reject(new Error("nothing is to be published here")),
    device: () => Promise.reject(new Error("nothing is to be published here")),
    clock: systemClock,
    retryWaitsMs: [0, 0],
  });
  const stopping = new AbortController();
  const result = await sender.send(MESSAGE, { turn: note("turn"), stopping: stopping.signal });
  return { happened, result };
}

Deno.test("Qiscus sender waits for a turn before each request, and notes it before it leaves", async () => {
  const refused = { kind: "refused", status: 500, message: "no", retryAfterMs: null } as const;

  const { happened, result } = await send([refused, { kind: "accepted", waMessageId: "wamid.1" }]);

  const request = ["turn", "leaving", "left"];
  assertEquals(happened, [...request, "returned", ...request, "accepted", "decided"]);
  assertEquals(result, { kind: "accepted" });
});

Deno.test("Qiscus sender sends nothing, and decides nothing, once another gateway sends", async () => {
  const { happened, result } = await send([], () => Promise.reject(new LeaseLostError("task/qiscus")));

  assertEquals([happened, result], [["turn"], { kind: "interrupted" }]);
});
