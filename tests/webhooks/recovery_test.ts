import { assertEquals } from "@std/assert";
import { createFairPlaces } from "../../src/async/fair_places.ts";
import type { Delivery } from "../../src/store/deliveries.ts";
import { createRecovery } from "../../src/webhooks/recovery.ts";
import { aWebhook } from "../support/events.ts";
import { createManualClock, settled } from "../support/manual_clock.ts";

const WEBHOOK = aWebhook({ recovery: true });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function aFailure(number: number, failedAt: number): Delivery {
  return {
    number,
    tenantId: WEBHOOK.tenantId,
    webhookId: WEBHOOK.id,
    eventSeq: number,
    eventId: `evt_${number}`,
    deviceId: null,
    name: "message.received",
    status: "failed",
    attempts: 3,
    roundStart: 0,
    dueAt: failedAt,
    orderingKey: null,
    statusCode: 500,
    error: "HTTP 500",
    lastAttemptAt: failedAt,
    createdAt: failedAt,
    updatedAt: failedAt,
  };
}

/** The recovery of a webhook whose deliveries failed so long ago, oldest first; `revived` is what it made due again. */
function setUp(
  failedMsAgo: readonly number[],
  webhookOf = () => WEBHOOK,
  places = createFairPlaces({ inAll: 1, ofOne: 1 }),
) {
  const clock = createManualClock();
  const failures = failedMsAgo.map((ms, index) => aFailure(index + 1, clock.now() - ms));
  const revived: number[] = [];
  const recovery = createRecovery({
    deliveries: {
      list: (_filter, { limit }) => Promise.resolve(failures.toReversed().slice(0, limit)),
      failedDue: () => Promise.resolve({ numbers: [], nextDueAt: undefined }),
      newestFailed: () => Promise.resolve(failures.at(-1)),
      oldestFailed: (_id, limit, after = 0) =>
        Promise.resolve(failures.filter(({ number }) => number > after).slice(0, limit)),
      recover: (numbers) => {
        revived.push(...numbers);
        return Promise.resolve(failures.filter(({ number }) => numbers.includes(number)).length);
      },
    },
    webhookOf,
    poke: () => {},
    clock,
    scale: 1,
    places,
  });
  return { recovery, clock, revived, failures };
}

Deno.test("recovery probes after a restart when the latest failure is fresh (though an old one is left)", async () => {
  const { recovery, clock, revived } = setUp([30 * DAY, 0]);

  await recovery.start([WEBHOOK.id]);
  await clock.advance(HOUR);

  assertEquals(revived, [1]);
});

Deno.test("recovery probes with the next one when the oldest cannot be sent at all, and goes on probing", async () => {
  const { recovery, clock, revived, failures } = setUp([HOUR, HOUR, 0]);
  await recovery.start([WEBHOOK.id]);
  await clock.advance(6 * 60_000);

  recovery.passedOver(failures[2]); // no probe
  recovery.passedOver(failures[0]);
  await clock.advance(0);
  const first = [...revived];
  recovery.failed({ ...failures[1], recovering: true }, undefined);
  await clock.advance(HOUR);

  assertEquals([first, revived], [[1, 2], [1, 2, 1]]);
});

Deno.test("recovery leaves what failed long before a restart to people", async () => {
  const { recovery, clock, revived } = setUp([30 * DAY, 4 * DAY]);

  await recovery.start([WEBHOOK.id]);
  await clock.advance(30 * DAY);

  assertEquals([revived, clock.waits()], [[], []]);
});

Deno.test("recovery goes on probing once the tenant is no longer suspended", async () => {
  let suspended = false;
  const webhookOf = () => suspended ? { ...WEBHOOK, status: "paused" as const } : WEBHOOK;
  const { recovery, clock, revived } = setUp([0], webhookOf);
  await recovery.start([WEBHOOK.id]);

  suspended = true;
  await clock.advance(3 * HOUR);
  const meanwhile = [...revived];
  suspended = false;
  await clock.advance(DAY);

  assertEquals([meanwhile, revived], [[], [1]]);
});

Deno.test("recovery of one tenant's endpoints, however many, holds up nobody else's", async () => {
  const asked: string[] = [];
  const never = new Promise<never>(() => {});
  const recovery = createRecovery({
    deliveries: {
      list: () => never,
      failedDue: () => Promise.resolve({ numbers: [], nextDueAt: undefined }),
      newestFailed: (webhookId) => {
        asked.push(webhookId);
        return webhookId.startsWith("wh_many") ? never : Promise.resolve(undefined);
      },
      oldestFailed: () => never,
      recover: () => never,
    },
    webhookOf: (id) => aWebhook({ id, recovery: true, tenantId: id.startsWith("wh_many") ? "many" : "one" }),
    poke: () => {},
    clock: createManualClock(),
    scale: 1,
    places: createFairPlaces({ inAll: 2, ofOne: 1 }),
  });

  void recovery.start([...Array.from({ length: 100 }, (_, i) => `wh_many_${i}`), "wh_a", "wh_b"]);
  await settled();

  assertEquals(asked, ["wh_many_0", "wh_a", "wh_b"]);
  recovery.stop();
});
