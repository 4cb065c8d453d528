import { assertEquals } from "@std/assert";
import { createLocalNews } from "../../src/store/local_news.ts";
import { ANYTHING, type News } from "../../src/store/news.ts";
import { type Webhook, WEBHOOKS } from "../../src/store/webhooks.ts";
import { followStore } from "../../src/webhooks/follow_store.ts";
import { createRegistry, type RegistryChange } from "../../src/webhooks/registry.ts";
import { aWebhook } from "../store/contracts/samples.ts";
import { createManualClock } from "../support/manual_clock.ts";

/** A registry over webhooks that somebody else changes. */
async function setUp(...webhooks: Webhook[]) {
  const stored = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const store = {
    all: () => Promise.resolve([...stored.values()]),
    get: (id: string) => Promise.resolve(stored.get(id)),
    ofTenant: () => Promise.resolve({ version: stored.size, webhooks: [...stored.values()] }),
  };
  const registry = await createRegistry({ webhooks: store });
  const changes: RegistryChange[] = [];
  registry.onChange((change) => changes.push(change));
  let announce: Parameters<News["hear"]>[1] = () => {};
  const follow = followStore({
    registry,
    webhooks: store,
    news: { hearsOthers: true, hear: (_, listener) => (announce = listener, () => {}) },
    clock: createManualClock(),
  });
  return { stored, registry, changes, follow, tell: (id: string | typeof ANYTHING) => announce(id) };
}

Deno.test("registry takes up a webhook that another opening of the store made, changed or removed", async () => {
  const { stored, registry, changes, follow, tell } = await setUp();
  const webhook = aWebhook();

  stored.set(webhook.id, webhook);
  tell(webhook.id);
  await follow.reload();
  stored.set(webhook.id, { ...webhook, status: "paused" });
  tell(webhook.id);
  await follow.reload();
  const paused = registry.get(webhook.id)?.status;
  stored.delete(webhook.id);
  tell(webhook.id);
  await follow.reload();

  assertEquals(changes.map(({ what }) => what), ["added", "changed", "removed"]);
  assertEquals([paused, registry.get(webhook.id)], ["paused", undefined]);
});

Deno.test("registry reads everything when news may have been missed", async () => {
  const [gone, stays, fresh] = [aWebhook(), aWebhook(), aWebhook()];
  const { stored, registry, follow, tell } = await setUp(gone, stays);
  stored.delete(gone.id);
  stored.set(fresh.id, fresh);

  tell(ANYTHING);
  await follow.reload();

  assertEquals([...registry.all()].map(({ id }) => id), [stays.id, fresh.id]);
});

Deno.test("registry does not speak of news that it knows already", async () => {
  const webhook = aWebhook();
  const { changes, follow, tell } = await setUp(webhook);

  tell(webhook.id);
  await follow.reload();

  assertEquals(changes, []);
});

Deno.test("registry hears of nothing any more when following ends", async () => {
  const news = createLocalNews();
  const webhook = aWebhook();
  const ofTenant = () => Promise.resolve({ version: 0, webhooks: [] });
  const store = { all: () => Promise.resolve([]), get: () => Promise.resolve(webhook), ofTenant };
  const registry = await createRegistry({ webhooks: store });
  const follow = followStore({ registry, webhooks: store, news, clock: createManualClock() });
  const after = Promise.withResolvers<void>();
  news.hear("end", () => after.resolve());

  follow.stop();
  news.tell(WEBHOOKS, webhook.id);
  news.tell("end", "");
  await after.promise;

  assertEquals(registry.get(webhook.id), undefined);
});

Deno.test("registry looks by itself where news of other gateways are not heard", async () => {
  const webhook = aWebhook();
  let stored: readonly Webhook[] = [];
  const ofTenant = () => Promise.resolve({ version: 0, webhooks: stored });
  const store = { all: () => Promise.resolve(stored), get: () => Promise.resolve(undefined), ofTenant };
  const registry = await createRegistry({ webhooks: store });
  const clock = createManualClock();
  const changes: RegistryChange[] = [];
  registry.onChange((change) => changes.push(change));
  const follow = followStore({
    registry,
    webhooks: store,
    news: { hearsOthers: false, hear: () => () => {} },
    clock,
  });

  stored = [webhook];
  await clock.advance(1_000);
  follow.stop();

  assertEquals(changes.map(({ what, webhook: { id } }) => [what, id]), [["added", webhook.id]]);
  assertEquals(clock.waits(), []);
});

Deno.test("registry knows a tenant's webhooks, and which version of them, once it has looked", async () => {
  const [gone, fresh] = [aWebhook(), aWebhook()];
  const { stored, registry, follow } = await setUp(gone);
  stored.delete(gone.id);
  stored.set(fresh.id, fresh);
  const before = follow.versionOf(fresh.tenantId);

  await follow.refresh(fresh.tenantId);

  assertEquals([before, follow.versionOf(fresh.tenantId)], [undefined, 1]);
  assertEquals(registry.list(fresh.tenantId), [fresh]);
});
