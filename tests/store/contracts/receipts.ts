import { assertEquals } from "@std/assert";
import { aMessage, NOW } from "../../support/messaging.ts";
import { type Open, testing } from "./contract.ts";

export function receiptsContract(name: string, open: Open): void {
  const test = testing(`${name} receipts`, open);

  test("count each member of a group once, by how far they got", async ({ messages, receipts }) => {
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
  });

  test("of a message that nobody has got count to nothing", async ({ receipts }) => {
    const counts = await receipts.counts("msg_none");

    assertEquals(counts, { delivered: 0, read: 0, played: 0 });
  });
}
