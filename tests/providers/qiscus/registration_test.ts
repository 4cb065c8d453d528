import { assertEquals } from "@std/assert";
import { createQiscusRegistration } from "../../../src/providers/qiscus/registration.ts";
import { createManualClock, settled } from "../../support/manual_clock.ts";

/** Qiscus, which takes no registration until it is told to. */
function setUp() {
  const clock = createManualClock();
  const qiscus = { asked: 0, takes: false };
  const registration = createQiscusRegistration({
    client: {
      register() {
        qiscus.asked++;
        return qiscus.takes ? Promise.resolve() : Promise.reject(new Error("Qiscus answered 500"));
      },
    },
    webhookUrl: "https://gateway.example/webhooks/qiscus",
    scale: 1,
    clock,
  });
  return { clock, qiscus, registration };
}

Deno.test("qiscus registration waits twice as long after each failure, at most five minutes", async () => {
  const { clock, registration } = setUp();
  const waits: number[] = [];

  registration.start();
  for (let tries = 0; tries < 10; tries++) {
    await settled();
    const [waitMs] = clock.waits();
    waits.push(waitMs / 1_000);
    await clock.advance(waitMs);
  }

  assertEquals(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

Deno.test("qiscus registration is over once it was taken, and once it is stopped", async () => {
  const taken = setUp();
  const stopped = setUp();

  for (const { registration } of [taken, stopped]) registration.start();
  await settled();
  taken.qiscus.takes = true;
  stopped.registration.stop();
  for (const { clock } of [taken, stopped]) await clock.advance(86_400_000);

  assertEquals([taken.qiscus.asked, taken.clock.waits()], [2, []]);
  assertEquals([stopped.qiscus.asked, stopped.clock.waits()], [1, []]);
});
