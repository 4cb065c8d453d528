import { assertEquals } from "@std/assert";
import { createPausedMessages } from "../../src/messages/paused.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import { aDevice, aMessage } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const NOW = 1_800_000_000_000;

async function setUp() {
  const kept = await temporaryStore();
  const { messages, devices, tenants } = kept.store;
  await tenants.create(
    { id: "tenant_2", name: "Two", status: "active", createdAt: NOW, updatedAt: NOW },
    "its hash",
  );
  await devices.create(aDevice({ id: "device_1" }));
  await devices.create(aDevice({ id: "device_2", tenantId: "tenant_2" }));
  const added: OutgoingMessage[] = [];
  const withdrawn: string[] = [];
  const paused = createPausedMessages({
    messages,
    devices,
    tenants: { get: async (id) => ({ ...(await tenants.get(id))!, updatedAt: NOW }) },
    outbox: {
      add: (message) => added.push(message),
      withdraw: ({ id }) => {
        withdrawn.push(id);
        return { tried: false };
      },
    },
    clock: { now: () => NOW },
  });
  let count = 0;
  return {
    paused,
    added,
    withdrawn,
    async add(overrides: Partial<OutgoingMessage> = {}): Promise<string> {
      const message = aMessage({ id: `msg_${String(++count).padStart(4, "0")}`, ...overrides });
      await messages.create(message);
      return message.id;
    },
    statusOf: async (id: string) => (await messages.get(id))?.status,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

Deno.test("messages of a tenant that have not left are paused, however many, and nobody else's", async () => {
  await using test = await setUp();
  const ids: string[] = [];
  for (let i = 0; i < 300; i++) ids.push(await test.add());
  const others = [
    await test.add({ deviceId: "device_2", tenantId: "tenant_2" }),
    await test.add({ status: "sent" }),
    await test.add({ blastId: "blast_1" }), // paused with its blast
    await test.add({ createdAt: NOW + 1 }),
  ];

  await test.paused.pause("tenant_default");

  assertEquals(test.withdrawn, ids);
  assertEquals(
    new Set<string | undefined>(await Promise.all(ids.map(test.statusOf))),
    new Set<string | undefined>(["scheduled"]),
  );
  assertEquals(await Promise.all(others.map(test.statusOf)), ["queued", "sent", "queued", "queued"]);
});

Deno.test("messages that are paused leave when somebody resumes them, in their old order, and once", async () => {
  await using test = await setUp();
  const ids: string[] = [];
  for (let i = 0; i < 300; i++) ids.push(await test.add());
  const later = await test.add({ status: "scheduled", sendAt: NOW + 1 });
  await test.paused.pause("tenant_default");

  const counts = [await test.paused.resume("tenant_default"), await test.paused.resume("tenant_default")];

  assertEquals(counts, [300, 0]);
  assertEquals(test.added.map(({ id }) => id), ids);
  assertEquals(test.added[0].sendAt, NOW); // it does not count as old
  assertEquals(await test.statusOf(later), "scheduled");
});
