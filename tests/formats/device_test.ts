import { assert, assertEquals, assertFalse } from "@std/assert";
import type { EventData, KabarEvent, ReceiptStatus } from "../../src/events/event.ts";
import { device } from "../../src/formats/device.ts";
import { anEvent, aPerson, aText } from "../support/events.ts";
import { assertContains, GOLDEN } from "./golden/golden.ts";

function bodyOf(event: KabarEvent, name = device.says(event)[0]!): string {
  return device.render(event, name);
}

function dataOf(event: KabarEvent, name?: string): Readonly<Record<string, unknown>> {
  return JSON.parse(bodyOf(event, name)).data;
}

function aStatus(status: ReceiptStatus, more: Partial<EventData["message.status"]> = {}): KabarEvent {
  return anEvent("message.status", {
    messageId: "msg_sent_456",
    waMessageId: "3EB0XXXXXX",
    chat: { kind: "person", jid: "628123456789@s.whatsapp.net" },
    status,
    statusAt: 1_703_145_602_000,
    ...more,
  }, { at: 1_703_145_602_000 });
}

Deno.test("device says a text as its documentation shows", () => {
  const text = aText("Halo, saya tertarik dengan produk Anda.");
  const event = anEvent("message.received", { ...text, messageId: "msg_received_123" });

  const body = bodyOf(event);

  assertContains(body, GOLDEN.device["message.received"]);
});

Deno.test("device says that a message was delivered as its documentation shows", () => {
  const body = bodyOf(aStatus("delivered"));

  assertContains(body, GOLDEN.device["message.status"]);
});

Deno.test("device says that it connected as its documentation shows", () => {
  const jid = "628123456789@s.whatsapp.net";
  const event = anEvent("device.connected", { phoneNumber: "628123456789", jid }, { at: 1_703_145_500_000 });

  const body = bodyOf(event);

  assertContains(body, GOLDEN.device["device.connected"]);
});

Deno.test("device says that it was logged out as its documentation shows", () => {
  const event = anEvent("device.disconnected", { reason: "logout", final: true }, { at: 1_703_145_700_000 });

  const body = bodyOf(event);

  assertContains(body, GOLDEN.device["device.disconnected"]);
});

Deno.test("device says a call as its documentation shows", () => {
  const event = anEvent("call.received", {
    callId: "call_abc123",
    from: aPerson(),
    kind: "voice",
    calledAt: 1_703_145_800_000,
    offline: false,
  }, { at: 1_703_145_800_000 });

  const body = bodyOf(event);

  assertContains(body, GOLDEN.device["call.received"]);
});

Deno.test("device says that somebody joined a group as its documentation shows", () => {
  const event = anEvent("group.join", {
    group: "120363XXXXXXXXXX@g.us",
    participants: [aPerson()],
    by: aPerson("628987654321"),
  }, { at: 1_703_145_900_000 });

  const body = bodyOf(event);

  assertContains(body, GOLDEN.device["group.join"]);
});

Deno.test("device puts the event's id into the envelope", () => {
  const event = anEvent("message.received", aText("halo"), { id: "evt_42" });

  const { event_id } = JSON.parse(bodyOf(event));

  assertEquals(event_id, "evt_42");
});

Deno.test("device names every step of a message twice: the alias first, the specific name second", () => {
  const steps: readonly ReceiptStatus[] = ["sent", "delivered", "read", "played", "failed"];

  const names = Object.fromEntries(steps.map((step) => [step, device.says(aStatus(step))]));

  assertEquals(names, {
    sent: ["message.status", "message.updated"],
    delivered: ["message.status", "receipt.delivery"],
    read: ["message.status", "receipt.read"],
    played: ["message.status", "receipt.read"],
    failed: ["message.status", "message.updated"],
  });
});

Deno.test("device says the same of a step under both names", () => {
  const event = aStatus("read");

  const [alias, specific] = device.says(event).map((name) => JSON.parse(bodyOf(event, name)));

  assertEquals(alias.event, "message.status");
  assertEquals(specific.event, "receipt.read");
  assertEquals(alias.data, specific.data);
  assertEquals(alias.data.event_type, "receipt.read");
});

Deno.test("device reports a message that was listened to as read", () => {
  const data = dataOf(aStatus("played", { deliveredAt: 1_703_145_601_000 }));

  assertEquals(data.status, "read");
  assertEquals(data.played, true);
  assertEquals(data.delivered_at, 1_703_145_601);
  assertEquals(data.read_at, 1_703_145_602);
});

Deno.test("device tells why a message failed", () => {
  const reason = { code: 463, message: "New chats are locked for this number" };

  const data = dataOf(aStatus("failed", { reason, attempts: 3 }));

  assertEquals(data.status, "failed");
  assertEquals(data.error, "New chats are locked for this number");
  assertEquals(data.error_code, 463);
  assertEquals(data.attempts, 3);
});

Deno.test("device identifies a message by WhatsApp's id (when the gateway did not send it)", () => {
  const data = dataOf(aStatus("delivered", { messageId: null }));

  assertEquals(data.message_id, "3EB0XXXXXX");
});

Deno.test("device keeps LIDs of a group in the order of its participants", () => {
  const participants = [aPerson("628111"), { ...aPerson("628222"), lid: "222@lid" }];

  const data = dataOf(anEvent("group.join", { group: "1@g.us", participants, by: null }));

  assertEquals(data.participants, ["628111@s.whatsapp.net", "628222@s.whatsapp.net"]);
  assertEquals(data.participant_lids, [null, "222@lid"]);
  assertEquals(data.added_by, null);
});

Deno.test("device knows group events by their second names too", () => {
  const data = { group: "1@g.us", participants: [aPerson()], by: null };

  assertEquals(device.says(anEvent("group.join", data)), ["group.join", "participant.added"]);
  assertEquals(device.says(anEvent("group.leave", data)), ["group.leave", "participant.removed"]);
});

Deno.test("device accepts every name that its subscribers have known", () => {
  const known = [
    "message.received",
    "message.updated",
    "message.deleted",
    "message.status",
    "receipt.delivery",
    "receipt.read",
    "group.created",
    "group.updated",
    "group.deleted",
    "group.join",
    "participant.added",
    "participant.removed",
    "contact.updated",
    "device.connected",
    "device.disconnected",
    "call.received",
  ];

  const missing = known.filter((name) => !device.names.includes(name));

  assertEquals(missing, []);
});

Deno.test("device derives the jid (when an external server told only the number)", () => {
  const data = dataOf(anEvent("device.connected", { phoneNumber: "628111", jid: null }));

  assertEquals(data.wa_jid, "628111@s.whatsapp.net");
});

Deno.test("device says events of no device with a null device_id", () => {
  const event = anEvent("alert.messages_failed", { failed: 51, limit: 50, withinMs: 3_600_000 }, {
    device: null,
  });

  const { device_id, data } = JSON.parse(bodyOf(event));

  assertEquals(device_id, null);
  assertEquals(data, { failed: 51, limit: 50, within_seconds: 3600 });
});

Deno.test("device sends a made-up event under its own name with its data as it is", () => {
  const event = anEvent("custom", { name: "order.paid", payload: { total: 12.5, items: [] } });

  const { event: name, data } = JSON.parse(bodyOf(event));

  assertEquals(name, "order.paid");
  assertEquals(data, { total: 12.5, items: [] });
});

Deno.test("device skips what it has no name for", () => {
  assertEquals(device.says(anEvent("device.state", { state: "TIMEOUT" })), []);
  assertEquals(device.says(anEvent("media.uploaded", { messageId: "x" })), []);
});

Deno.test("device makes three attempts, after 1 and 5 seconds", () => {
  assertEquals(device.retry, { waitsMs: [1_000, 5_000], jitter: 0 });
});

Deno.test("device signs with a bare hex digest", () => {
  const event = anEvent("message.received", aText("halo"));
  const facts = { event, name: "message.received", deliveryId: "dlv_1", attempt: 1, at: event.at };
  const headers = device.headers(facts, "{}", [{ value: "new", expiresAt: null }]);

  assertEquals(headers, {
    "X-Rijan-Signature": "56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8",
  });
});

Deno.test("device does not sign without a secret", () => {
  const event = anEvent("message.received", aText("halo"));
  const facts = { event, name: "message.received", deliveryId: "dlv_1", attempt: 1, at: event.at };

  const headers = device.headers(facts, "{}", []);

  assertFalse("X-Rijan-Signature" in headers);
  assert(device.userAgent.startsWith("Kabar/"));
});
