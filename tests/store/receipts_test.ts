import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { aMessage, NOW } from "../support/messaging.ts";

async function withStore(test: (store: Store) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const store = openSqliteStore({ path: join(folder, "logs.db"), now: () => NOW });
  try {
    await test(store);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("receipts count each member of a group once, by how far they got", () =>
  withStore(async ({ messages, receipts }) => {
    const message = aMessage({ to: "120363025246125486@g.us" });
    await messages.create(message);
    const reached = (participant: string, receipt: "delivered" | "read" | "played") =>
      receipts.put({
        messageId: message.id,
        participant,
        receipt,
        deliveredAt: NOW,
        readAt: receipt === "delivered" ? null : NOW + 1,
      });

    await reached("1@s.whatsapp.net", "delivered");
    await reached("1@s.whatsapp.net", "read");
    await reached("2@s.whatsapp.net", "delivered");
    await reached("3@s.whatsapp.net", "played");

    assertEquals(await receipts.counts(message.id), { delivered: 3, read: 2, played: 1 });
    assertEquals(await receipts.get(message.id, "1@s.whatsapp.net"), {
      messageId: message.id,
      participant: "1@s.whatsapp.net",
      receipt: "read",
      deliveredAt: NOW,
      readAt: NOW + 1,
    });
    assertEquals((await receipts.list(message.id, 2)).length, 2);
  }));

Deno.test("receipts of a message that nobody has got count to nothing", () =>
  withStore(async ({ receipts }) => {
    const counts = await receipts.counts("msg_none");

    assertEquals(counts, { delivered: 0, read: 0, played: 0 });
  }));
