import { assertEquals, assertRejects } from "@std/assert";
import type { EventDraft } from "../../src/events/event.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { createRegistry, type RegistryChange } from "../../src/webhooks/registry.ts";
import { aText, aWebhook } from "../support/events.ts";

function registryOf(...webhooks: readonly Webhook[]) {
  return createRegistry({ webhooks: { all: () => Promise.resolve(webhooks) } });
}

function aDraft(other: Partial<EventDraft> = {}): EventDraft {
  return {
    type: "message.received",
    tenantId: "tenant_abc123",
    device: { id: "device_1", alias: null },
    data: aText("Halo"),
    ...other,
  } as EventDraft;
}

async function namesFor(webhook: Partial<Webhook>, draft: EventDraft = aDraft()) {
  const registry = await registryOf(aWebhook(webhook));
  return registry.matching(draft).map(({ names }) => names);
}

const status: EventDraft = {
  type: "message.status",
  tenantId: "tenant_abc123",
  device: { id: "device_1", alias: null },
  data: {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628123@s.whatsapp.net" },
    status: "read",
    statusAt: 1,
  },
};

Deno.test("registry matches by name, by group and by *", async () => {
  assertEquals(await namesFor({ events: ["message.received"] }), [["message.received"]]);
  assertEquals(await namesFor({ events: ["message.*"] }), [["message.received"]]);
  assertEquals(await namesFor({ events: ["*"] }), [["message.received"]]);
  assertEquals(await namesFor({ events: ["device.*", "call.received"] }), []);
});

Deno.test("registry matches an event under every name that was asked for", async () => {
  assertEquals(await namesFor({ events: ["message.status"] }, status), [["message.status"]]);
  assertEquals(await namesFor({ events: ["receipt.read"] }, status), [["receipt.read"]]);
  assertEquals(await namesFor({ events: ["receipt.read", "message.status"] }, status), [
    ["message.status", "receipt.read"],
  ]);
});

Deno.test("registry refuses a webhook whose format this version does not have, and names it", async () => {
  const error = await assertRejects(() => registryOf(aWebhook({ id: "wh_1", format: "telegraph" })), Error);

  assertEquals(error.message, 'Cannot read webhook "wh_1": this version has no format "telegraph"');
});

Deno.test("registry skips what the format cannot say", async () => {
  assertEquals(await namesFor({ format: "account" }, aDraft({ type: "group.join" })), []);
});

Deno.test("registry matches only events of the webhook's devices", async () => {
  assertEquals((await namesFor({ devices: ["device_1"] })).length, 1);
  assertEquals((await namesFor({ devices: ["device_2"] })).length, 0);
  assertEquals((await namesFor({ devices: ["device_1"] }, aDraft({ device: null }))).length, 0);
});

Deno.test("registry matches paused webhooks but not disabled ones", async () => {
  assertEquals((await namesFor({ status: "paused" })).length, 1);
  assertEquals((await namesFor({ status: "disabled" })).length, 0);
});

Deno.test("registry matches only webhooks of the event's tenant", async () => {
  assertEquals(await namesFor({}, aDraft({ tenantId: "tenant_other" })), []);
});

Deno.test("registry matches whom a draft names, whatever they subscribe to", async () => {
  const named = aWebhook({ id: "wh_1", events: ["device.connected"], devices: ["device_9"] });
  const registry = await registryOf(named, aWebhook({ id: "wh_2" }));

  const matches = registry.matching(aDraft({ only: ["wh_1", "wh_x"] }));

  assertEquals(matches, [{ webhook: named, names: ["message.received"] }]);
});

Deno.test("registry does not let a draft name another tenant's webhook", async () => {
  const registry = await registryOf(aWebhook({ id: "wh_1", tenantId: "tenant_other" }));

  assertEquals(registry.matching(aDraft({ only: ["wh_1"] })), []);
});

Deno.test("registry tells what changed", async () => {
  const first = aWebhook({ id: "wh_1" });
  const registry = await registryOf(first);
  const changes: RegistryChange[] = [];
  const stop = registry.onChange((change) => changes.push(change));
  const paused = aWebhook({ id: "wh_1", status: "paused" });
  const second = aWebhook({ id: "wh_2" });

  registry.put(paused);
  registry.put(second);
  registry.remove("wh_1");
  registry.remove("wh_1");
  stop();
  registry.remove("wh_2");

  assertEquals(changes, [
    { what: "changed", webhook: paused, before: first },
    { what: "added", webhook: second },
    { what: "removed", webhook: paused },
  ]);
});

Deno.test("registry lists a tenant's webhooks, and forgets them with the tenant", async () => {
  const registry = await registryOf(
    aWebhook({ id: "wh_1" }),
    aWebhook({ id: "wh_2", tenantId: "tenant_other" }),
    aWebhook({ id: "wh_3" }),
  );

  const listed = registry.list("tenant_abc123").map(({ id }) => id);
  registry.removeTenant("tenant_abc123");

  assertEquals(listed, ["wh_1", "wh_3"]);
  assertEquals([...registry.all()].map(({ id }) => id), ["wh_2"]);
  assertEquals([registry.get("wh_1"), registry.matching(aDraft())], [undefined, []]);
});
