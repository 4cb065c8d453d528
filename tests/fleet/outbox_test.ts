import { assertEquals } from "@std/assert";
import { createFleetOutbox } from "../../src/fleet/outbox.ts";
import type { Outbox } from "../../src/messages/outbox.ts";
import { ANYTHING, type News } from "../../src/store/news.ts";
import { createManualClock } from "../support/manual_clock.ts";

/** The outbox of a gateway that holds two devices, and what it was made to do. */
function setUp() {
  const clock = createManualClock();
  const done: string[] = [];
  const listeners = new Map<string, (id: string | typeof ANYTHING) => void>();
  const news: News = {
    tell: () => {},
    hear(topic, listener) {
      listeners.set(topic, listener);
      return () => void listeners.delete(topic);
    },
    hearsOthers: true,
  };
  const held = ["device_a", "device_b"];
  const outbox = {
    look: (id: string) => void done.push(`look ${id}`),
    wake: (id: string) => void done.push(`wake ${id}`),
    stop: () => Promise.resolve(),
  } as unknown as Outbox; // the rest is not asked
  const made = createFleetOutbox({
    outbox,
    messages: { get: () => Promise.resolve(undefined) },
    news,
    holding: { held: () => held, isHere: (id) => held.includes(id) },
    clock,
  });
  return {
    clock,
    done,
    made,
    hear: (topic: string, id: string | typeof ANYTHING) => listeners.get(topic)!(id),
  };
}

Deno.test("outbox of a fleet looks at the device that news tell of, if it is held here", () => {
  const { done, hear } = setUp();

  hear("outbox", "device_b");
  hear("outbox", "device_elsewhere");
  hear("paces", "device_a");

  assertEquals(done, ["look device_b", "wake device_a"]);
});

Deno.test("outbox of a fleet looks at all devices that are held here when news may have been missed", () => {
  const { done, hear } = setUp();

  hear("outbox", ANYTHING);
  hear("paces", ANYTHING);

  assertEquals(done, ["look device_a", "look device_b", "wake device_a", "wake device_b"]);
});

Deno.test("outbox of a fleet looks now and then: a gateway may die before it tells of a message", async () => {
  const { clock, done, made } = setUp();

  await clock.advance(60_000);
  await made.stop(0);
  await clock.advance(60_000);

  assertEquals(done, ["look device_a", "look device_b"]);
});
