import { assertEquals } from "@std/assert";
import { createOutbox } from "../../src/messages/outbox.ts";
import { createTakeReceipts } from "../../src/messages/receipts.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import type { SessionReceipt } from "../../src/whatsapp/session.ts";
import { storedMessages } from "../support/stored_messages.ts";
import { aDevice, aMessage, BUDI, FakeLine, NOW, recorder, statusesOf } from "../support/messaging.ts";
import { clockAt } from "../support/manual_clock.ts";

const GROUP = "120363025246125486@g.us";

function setUp(rows: readonly OutgoingMessage[], silent: readonly string[] = []) {
  const { messages, receipts } = storedMessages(rows);
  const { publish, drafts } = recorder();
  const device = aDevice();
  const outbox = createOutbox({
    messages,
    devices: { get: () => Promise.resolve(device), list: () => Promise.resolve([device]) },
    publish,
    sessionOf: new FakeLine().sessionOf,
    phoneOf: () => null,
    files: { pathOf: (id) => id, discard: () => Promise.resolve() },
    clock: clockAt(() => NOW),
  });
  const take = createTakeReceipts({
    messages,
    receipts,
    outbox,
    publish,
    isSilent: (id) => silent.includes(id),
    now: () => NOW,
  });
  return { messages, receipts, drafts, take: (...given: SessionReceipt[]) => take(device, given) };
}

function aReceipt(message: OutgoingMessage, overrides: Partial<SessionReceipt> = {}): SessionReceipt {
  return {
    waMessageId: message.waMessageId ?? "",
    chat: { kind: "person", jid: message.to },
    status: "delivered",
    at: NOW + 1_000,
    ...overrides,
  };
}

Deno.test("receipts move a message forward and are published with their times", async () => {
  const message = aMessage({ status: "sent", sentAt: NOW });
  const { messages, drafts, take } = setUp([message]);

  await take(aReceipt(message));
  await take(aReceipt(message, { status: "read", at: NOW + 2_000 }));

  const { receipt, deliveredAt, readAt } = (await messages.get(message.id))!;
  assertEquals([receipt, deliveredAt, readAt], ["read", NOW + 1_000, NOW + 2_000]);
  assertEquals(statusesOf(drafts, message.id), ["delivered", "read"]);
});

Deno.test("receipts that come together keep their order", async () => {
  const message = aMessage({ status: "sent" });
  const { drafts, take } = setUp([message]);

  await take(aReceipt(message), aReceipt(message, { status: "read" }));

  assertEquals(statusesOf(drafts, message.id), ["delivered", "read"]);
});

Deno.test("receipts that beat the server's answer bring it with them", async () => {
  const message = aMessage({ status: "processing" });
  const { drafts, take } = setUp([message]);

  await take(aReceipt(message));

  assertEquals(statusesOf(drafts, message.id), ["sent", "delivered"]);
  assertEquals(drafts[0].type, "message.sent");
});

Deno.test("receipts never go backwards", async () => {
  const message = aMessage({ status: "sent", receipt: "read" });
  const { drafts, take } = setUp([message]);

  await take(aReceipt(message));

  assertEquals(drafts, []);
});

Deno.test("receipts of messages that were typed on the phone are told without our id", async () => {
  const { drafts, take } = setUp([]);

  await take(aReceipt(aMessage({ waMessageId: "3A01" })));

  assertEquals(statusesOf(drafts, null), ["delivered"]);
});

Deno.test("receipts of reactions are not told", async () => {
  const { drafts, take } = setUp([], ["3EB0R"]);

  await take(aReceipt(aMessage({ waMessageId: "3EB0R" })));

  assertEquals(drafts, []);
});

Deno.test("receipts of a group are counted for each member", async () => {
  const message = aMessage({ status: "sent", to: GROUP });
  const { messages, receipts, drafts, take } = setUp([message]);
  const budi = { pn: BUDI, lid: null };
  const siti = { pn: "628987654321@s.whatsapp.net", lid: null };

  await take(aReceipt(message, { participant: budi, status: "read" }));
  await take(aReceipt(message, { participant: siti }));
  await take(aReceipt(message, { participant: siti }));

  assertEquals(await receipts.counts(message.id), { delivered: 2, read: 1, played: 0 });
  assertEquals(statusesOf(drafts, message.id), ["read", "delivered"]);
  assertEquals((await messages.get(message.id))?.receipt, "read");
});

Deno.test("receipts that tell of a failure give its reason", async () => {
  const message = aMessage({ status: "sent" });
  const { messages, drafts, take } = setUp([message]);
  const reason = { code: 463, message: "locked (463)" };

  await take(aReceipt(message, { status: "failed", reason }));

  assertEquals((await messages.get(message.id))?.error, reason);
  assertEquals(statusesOf(drafts, message.id), ["failed"]);
});
