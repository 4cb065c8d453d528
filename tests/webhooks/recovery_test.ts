import { assertEquals } from "@std/assert";
import type { Delivery } from "../../src/store/deliveries.ts";
import { createRecovery } from "../../src/webhooks/recovery.ts";
import { until } from "../support/engine.ts";
import { aWebhook } from "../support/events.ts";

const WEBHOOK = aWebhook({ recovery: true });
const DAY = 24 * 3_600_000;
/** The first probe comes after 3 ms, the last one within 2.6 s. */
const SCALE = 0.00001;

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

/** The recovery of a webhook with these failures, oldest first; `revived` is what it made pending again. */
function setUp(failures: readonly Delivery[], webhookOf = () => WEBHOOK) {
  const revived: number[] = [];
  const recovery = createRecovery({
    deliveries: {
      list: (_filter, { limit }) => Promise.resolve(failures.toReversed().slice(0, limit)),
      failedDue: () => Promise.resolve({ numbers: [], nextDueAt: undefined }),
      oldestFailed: (_id, limit, after = 0) =>
        Promise.resolve(failures.filter(({ number }) => number > after).slice(0, limit)),
      revive: (numbers) => {
        revived.push(...numbers);
        return Promise.resolve(failures.filter(({ number }) => numbers.includes(number)));
      },
    },
    webhookOf,
    poke: () => {},
    now: Date.now,
    scale: SCALE,
  });
  return { recovery, revived };
}

Deno.test("recovery probes after a restart when the latest failure is fresh (though an old one is left)", async () => {
  const { recovery, revived } = setUp([aFailure(1, Date.now() - 30 * DAY), aFailure(2, Date.now())]);

  await recovery.start([WEBHOOK.id]);

  await until(() => revived.length > 0, "a probe");
  recovery.stop();
  assertEquals(revived, [1]);
});

Deno.test("recovery leaves what failed long before a restart to people", async () => {
  const { recovery, revived } = setUp([aFailure(1, Date.now() - 30 * DAY), aFailure(2, Date.now() - DAY)]);

  await recovery.start([WEBHOOK.id]);
  await new Promise((resolve) => setTimeout(resolve, 200));

  recovery.stop();
  assertEquals(revived, []);
});

Deno.test("recovery goes on probing once the tenant is no longer suspended", async () => {
  let suspended = false;
  const webhookOf = () => suspended ? { ...WEBHOOK, status: "paused" as const } : WEBHOOK;
  const { recovery, revived } = setUp([aFailure(1, Date.now())], webhookOf);
  await recovery.start([WEBHOOK.id]);

  suspended = true;
  await new Promise((resolve) => setTimeout(resolve, 50)); // the first probes fall into this time
  suspended = false;

  await until(() => revived.length > 0, "a probe");
  recovery.stop();
  assertEquals(revived, [1]);
});
