import { assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

Deno.test("a message is marked as read for its author when it is stored (with MARK_AS_SEEN)", async () => {
  await using gateway = await startWhatsAppGateway({ settings: { MARK_AS_SEEN: "true" } });
  const { phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact("628123456789", "Budi");

  const id = await budi.sendText(phone, "Halo");
  const told = () => budi.receipts.filter(({ ids }) => ids.includes(id)).map(({ type }) => type);
  await until(() => told().includes("read"), "Budi is told");

  const [event] = await gateway.events("message.received");
  assertEquals(event.messageId, id);
});

Deno.test("a message is not marked as read by itself (without MARK_AS_SEEN)", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id: device, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact("628123456789", "Budi");
  const marked = await budi.sendText(phone, "Halo");
  const left = await budi.sendText(phone, "Halo?");
  await until(async () => (await gateway.events("message.received")).length === 2, "both came in");

  await gateway.ask("POST", `/v1/devices/${device}/chats/${budi.number}/mark-read`, {
    message_ids: [marked],
  });
  await until(() => budi.receipts.some(({ type }) => type === "read"), "Budi is told of one");

  assertEquals(budi.receipts.filter(({ type }) => type === "read").map(({ ids }) => ids), [[marked]]);
  assertEquals(budi.receipts.filter(({ ids }) => ids.includes(left)).map(({ type }) => type), ["inactive"]);
});
