import { assertEquals } from "@std/assert";
import type { Delivery } from "../../src/store/deliveries.ts";
import { closedBreaker } from "../../src/webhooks/breaker.ts";
import { type Job, Lane } from "../../src/webhooks/lane.ts";
import { anEvent, aText, aWebhook } from "../support/events.ts";
import { aFailure } from "../support/outcomes.ts";

const NOW = 1_000;

function aJob(number: number): Job {
  return { delivery: { number } as Delivery, event: anEvent("message.received", aText(`${number}`)) };
}

/** A lane with one request under way, whose endpoint has refused so often that once more makes the breaker open. */
function laneInTrouble(): Lane {
  const lane = new Lane(aWebhook());
  for (let i = 0; i < 20; i++) {
    lane.push(aJob(900 + i));
    lane.start(NOW);
    if (i < 19) lane.ended(aFailure(), NOW, 1);
  }
  return lane;
}

function numbersOf(jobs: readonly Job[]): readonly number[] {
  return jobs.map(({ delivery }) => delivery.number);
}

Deno.test("lane remembers which ordering keys have something due", () => {
  const lane = new Lane(aWebhook({ ordering: "chat" }));

  for (const key of ["a", "b", "a"]) lane.fetchKey(key);

  assertEquals([...lane.keysToFetch], ["a", "b"]);
  assertEquals(lane.behind, false);
});

Deno.test("lane remembers no more keys than it has to (while an endpoint is down for days)", () => {
  const lane = new Lane(aWebhook({ ordering: "chat" }));

  for (let i = 0; i < 100_000; i++) lane.fetchKey(`chat ${i}`);

  assertEquals(lane.keysToFetch.size, 1_000);
  assertEquals(lane.behind, true);
});

Deno.test("lane holds nothing while its endpoint is spared", () => {
  const lane = laneInTrouble();
  lane.push(aJob(1));

  const back = lane.ended(aFailure(), NOW, 1);

  assertEquals([numbersOf(back), lane.held, lane.runnable(NOW)], [[1], 0, false]);
});

Deno.test("lane spares another endpoint no more than one that is new, though the one before was spared", () => {
  const lane = laneInTrouble();
  lane.ended(aFailure(), NOW, 1);
  lane.push(aJob(1));

  lane.webhook = aWebhook({ timeoutMs: 1_234 });
  const before = lane.runnable(NOW);
  lane.webhook = aWebhook({ url: "https://elsewhere.example/hook" });

  assertEquals([before, lane.runnable(NOW), lane.breaker], [false, true, closedBreaker]);
});

Deno.test("lane tries what somebody waits for, though its endpoint is spared", () => {
  const lane = laneInTrouble();
  for (const number of [1, 2, 3]) lane.push(aJob(number));

  const isHeld = lane.hurry(2, NOW);
  const back = lane.ended(aFailure(), NOW, 1);

  assertEquals([isHeld, numbersOf(back)], [true, [1, 3]]);
  assertEquals([lane.start(NOW)?.delivery.number, lane.runnable(NOW)], [2, false]);
});

Deno.test("lane puts what somebody waits for before all others when it comes", () => {
  const lane = new Lane(aWebhook());
  lane.push(aJob(1));

  const isHeld = lane.hurry(2, NOW);
  lane.push(aJob(2));
  lane.push(aJob(3));

  assertEquals(isHeld, false);
  assertEquals([1, 2, 3].map(() => lane.start(NOW)?.delivery.number), [2, 1, 3]);
});

Deno.test("lane forgets what somebody waits for when no fetch has brought it", () => {
  const lane = new Lane(aWebhook());
  lane.fetching = true;
  lane.hurry(2, NOW);
  lane.notFound(2); // the fetch may have it
  lane.push(aJob(1));

  lane.fetched();
  lane.push(aJob(2));

  assertEquals([1, 2].map(() => lane.start(NOW)?.delivery.number), [1, 2]);
});
