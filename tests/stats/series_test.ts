import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { HOUR_MS } from "../../src/spans.ts";
import { createHourCounter } from "../../src/stats/hour_counter.ts";
import { messagesToday, quantile, seriesOf } from "../../src/stats/series.ts";
import { aWebhook } from "../support/events.ts";
import { withFolder } from "../store/temporary.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { AttemptReport } from "../../src/webhooks/dispatcher.ts";
import { createManualClock } from "../support/manual_clock.ts";

const T0 = Date.UTC(2026, 10, 26, 7, 15);
const webhook = aWebhook({ id: "wh_1", tenantId: DEFAULT_TENANT });

function anAttempt(
  { ok = true, attempts = 0, at = T0, durationMs = 40, type = "message.received" } = {},
): Pick<AttemptReport, "webhook" | "delivery" | "outcome" | "event"> {
  return {
    webhook,
    delivery: { attempts },
    event: { type },
    outcome: { ok, startedAt: at, durationMs },
  } as unknown as AttemptReport; // the parts that are counted
}

const anEvent = (type: string, at = T0, deviceId = "device_1") =>
  ({ type, tenantId: DEFAULT_TENANT, device: { id: deviceId, alias: null }, at }) as Parameters<
    ReturnType<typeof createHourCounter>["event"]
  >[0];

const request = { tenantId: DEFAULT_TENANT, webhookIds: ["wh_1"], since: T0, until: T0 } as const;

function withHours(test: (parts: ReturnType<typeof partsOf>) => Promise<void>) {
  return () =>
    withFolder(async (folder) => {
      const store = openSqliteStore({ path: `${folder}/logs.db` });
      try {
        await test(partsOf(store.hours));
      } finally {
        await store.close();
      }
    });
}

function partsOf(hours: ReturnType<typeof openSqliteStore>["hours"]) {
  return { hours, counter: createHourCounter({ hours, clock: createManualClock() }) };
}

Deno.test(
  "series shows what was taken at once, after a retry and not, hour by hour",
  withHours(async ({ hours, counter }) => {
    counter.attempt(anAttempt());
    counter.attempt(anAttempt({ ok: false }));
    counter.attempt(anAttempt({ attempts: 1 }));
    counter.attempt(anAttempt({ at: T0 + 2 * HOUR_MS }));
    counter.attempt(anAttempt({ type: "webhook.test" }));
    counter.event(anEvent("message.received"));
    counter.event(anEvent("message.sent", T0 + HOUR_MS));
    await counter.flush();

    const { points, total } = await seriesOf(hours, { ...request, step: "hour", until: T0 + 2 * HOUR_MS });

    assertEquals(points.map(({ at }) => new Date(at).toISOString().slice(11, 16)), [
      "07:00",
      "08:00",
      "09:00",
    ]);
    assertEquals(points.map(({ first, retried, failed }) => [first, retried, failed]), [
      [1, 1, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    assertEquals(points.map(({ messagesIn, messagesOut }) => [messagesIn, messagesOut]), [[1, 0], [0, 1], [
      0,
      0,
    ]]);
    assertEquals([total.first, total.retried, total.failed, total.messagesIn], [2, 1, 1, 1]);
    assertEquals(points[1].medianMs, null);
  }),
);

Deno.test(
  "series counts days from midnight where people are",
  withHours(async ({ hours, counter }) => {
    const beforeMidnight = Date.UTC(2026, 10, 26, 16, 59); // 23:59 in Jakarta
    counter.event(anEvent("message.received", beforeMidnight));
    counter.event(anEvent("message.received", beforeMidnight + 2 * 60_000));
    await counter.flush();

    const { points } = await seriesOf(hours, {
      ...request,
      step: "day",
      since: beforeMidnight,
      until: beforeMidnight + HOUR_MS,
      utcOffsetMinutes: 420,
    });

    assertEquals(points.map(({ at, messagesIn }) => [new Date(at).toISOString(), messagesIn]), [
      ["2026-11-25T17:00:00.000Z", 1],
      ["2026-11-26T17:00:00.000Z", 1],
    ]);
  }),
);

Deno.test(
  "series shows one device when asked",
  withHours(async ({ hours, counter }) => {
    counter.event(anEvent("message.received", T0, "device_1"));
    counter.event(anEvent("message.received", T0, "device_2"));
    await counter.flush();

    const { total } = await seriesOf(hours, { ...request, step: "hour", deviceId: "device_2" });

    assertEquals(total.messagesIn, 1);
  }),
);

Deno.test("counter keeps what the store did not take, and writes it with the next", async () => {
  const taken: number[] = [];
  let refuses = true;
  const counter = createHourCounter({
    hours: {
      add: ({ events }) => {
        if (refuses) return Promise.reject(new Error("the disk is full"));
        taken.push(...events.map(({ count }) => count));
        return Promise.resolve();
      },
    },
    clock: createManualClock(),
  });
  counter.event(anEvent("message.received"));
  await counter.flush();
  counter.event(anEvent("message.received"));
  refuses = false;

  await counter.flush();

  assertEquals(taken, [2]);
});

Deno.test("quantile lies within the span that holds it", () => {
  assertEquals(quantile([0, 0, 0, 0, 0, 0, 0, 0, 0], 0.5), null);
  assertEquals(quantile([100, 0, 0, 0, 0, 0, 0, 0, 0], 0.5), 13);
  assertEquals(quantile([0, 0, 10, 0, 0, 0, 0, 0, 0], 0.95), 98);
  assertEquals(quantile([9, 0, 0, 0, 0, 0, 0, 0, 1], 0.99), 19_000);
});

Deno.test(
  "series says how many messages each device had since its day began, where somebody looks on",
  withHours(async ({ hours }) => {
    const hour = Math.floor(T0 / HOUR_MS); // 07:15 in UTC, 14:15 in Jakarta
    const event = { tenantId: DEFAULT_TENANT, deviceId: "device_1" };
    await hours.add({
      attempts: [],
      events: [
        { ...event, hour: hour - 15, type: "message.received", count: 100 },
        { ...event, hour: hour - 14, type: "message.received", count: 5 },
        { ...event, hour, type: "message.sent", count: 2 },
        { ...event, hour, type: "device.qr", count: 50 },
      ],
    });
    const today = (utcOffsetMinutes: number) =>
      messagesToday(hours, { tenantId: DEFAULT_TENANT, now: T0, utcOffsetMinutes });

    assertEquals([...await today(7 * 60)], [["device_1", 7]]);
    assertEquals([...await today(0)], [["device_1", 2]]);
  }),
);
