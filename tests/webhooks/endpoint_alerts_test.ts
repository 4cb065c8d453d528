import { assertEquals, assertRejects } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import { DEFAULT_TENANT, newId, type WebhookId } from "../../src/ids.ts";
import { type AlertDraft, createEndpointAlerts } from "../../src/webhooks/endpoint_alerts.ts";
import { aWebhook, T0 } from "../store/contracts/samples.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { until } from "../support/until.ts";

function anAlert(type: AlertDraft["type"], webhookId: WebhookId, since: number): AlertDraft {
  const data = {
    webhookId,
    url: "https://shop.example/hook",
    failures: 3,
    since,
    lastError: "",
    statusCode: 500,
  };
  return { type, tenantId: DEFAULT_TENANT, device: null, data } as AlertDraft;
}

async function setUp() {
  const temporary = await temporaryStore();
  const { store } = temporary;
  const id = newId("wh");
  await store.webhooks.create(aWebhook({ id }));
  const gateway = (publish: (draft: EventDraft) => Promise<unknown> = stored) =>
    createEndpointAlerts({
      stored: store.endpointAlerts,
      news: store.news,
      publish,
      clock: createManualClock(),
    });
  function stored(draft: EventDraft): Promise<unknown> {
    return store.events.append(draft, [], T0);
  }
  async function told() {
    const events = await store.events.list({ tenantId: DEFAULT_TENANT, limit: 20, order: "oldest" });
    return events.map(({ type, data }) => [type, "since" in data ? data.since : undefined]);
  }
  return { id, gateway, stored, told, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}

Deno.test("alert about an endpoint is told once by however many gateways, and so is its end", async () => {
  await using world = await setUp();
  const { id } = world;
  const [a, b] = [await world.gateway(), await world.gateway()];

  await Promise.all([a.open(anAlert("webhook.failing", id, 1)), b.open(anAlert("webhook.failing", id, 2))]);
  await Promise.all([
    a.close(anAlert("webhook.recovered", id, 8)),
    b.close(anAlert("webhook.recovered", id, 9)),
  ]);

  assertEquals(await world.told(), [["webhook.failing", 1], ["webhook.recovered", 1]]);
  a.stop();
  b.stop();
});

Deno.test("alert that one gateway has opened is open at the others, also at those that start later", async () => {
  await using world = await setUp();
  const { id } = world;
  const [a, b] = [await world.gateway(), await world.gateway()];

  await a.open(anAlert("webhook.failing", id, 1));
  await until(() => b.isOpen(id), "the news");
  const c = await world.gateway();

  assertEquals(c.isOpen(id), true);
  await c.close(anAlert("webhook.recovered", id, 9));
  await until(() => !a.isOpen(id) && !b.isOpen(id), "the news of its end");
  assertEquals(await world.told(), [["webhook.failing", 1], ["webhook.recovered", 1]]);
  for (const each of [a, b, c]) each.stop();
});

Deno.test("alert is told again when trouble comes back, and not when it was only dropped", async () => {
  await using world = await setUp();
  const { id } = world;
  const alerts = await world.gateway();

  await alerts.open(anAlert("webhook.failing", id, 1));
  await alerts.drop(id);
  await alerts.close(anAlert("webhook.recovered", id, 2));
  await alerts.open(anAlert("webhook.failing", id, 3));

  assertEquals(await world.told(), [["webhook.failing", 1], ["webhook.failing", 3]]);
  alerts.stop();
});

Deno.test("alert that could not be stored is told by the next attempt", async () => {
  await using world = await setUp();
  const { id } = world;
  let isFull = true;
  const alerts = await world.gateway((draft) =>
    isFull ? Promise.reject(new Error("The disk is full")) : world.stored(draft)
  );

  await assertRejects(() => alerts.open(anAlert("webhook.failing", id, 1)), Error, "full");
  const isOpenMeanwhile = alerts.isOpen(id);
  isFull = false;
  await alerts.open(anAlert("webhook.failing", id, 5));

  assertEquals(isOpenMeanwhile, false);
  assertEquals(await world.told(), [["webhook.failing", 1]]);
  alerts.stop();
});
