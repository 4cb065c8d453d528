import { assertEquals, assertMatch, assertObjectMatch } from "@std/assert";
import type { EventData, KabarEvent } from "../../src/events/event.ts";
import { instance } from "../../src/formats/instance.ts";
import { aGroup, anEvent, aPerson, aText } from "../support/events.ts";
import { assertIs, GOLDEN } from "./golden/golden.ts";

const AT = Date.parse("2024-01-01T00:00:00.000Z");
const AN_INSTANCE = { id: "device_1", alias: "xxx" };

function bodyOf(event: KabarEvent): string {
  return instance.render(event, instance.says(event)[0]!);
}

function dataOf(event: KabarEvent): Readonly<Record<string, unknown>> {
  return JSON.parse(bodyOf(event)).data;
}

function aStatus(more: Partial<EventData["message.status"]>): KabarEvent {
  return anEvent("message.status", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628111@s.whatsapp.net" },
    status: "delivered",
    statusAt: AT,
    ...more,
  });
}

Deno.test("instance says that it connected as its documentation shows", () => {
  const data = { phoneNumber: "6281234567890", jid: "6281234567890@s.whatsapp.net" };
  const event = anEvent("device.connected", data, { at: AT, device: AN_INSTANCE });

  assertIs(bodyOf(event), GOLDEN.instance["session.status"]);
});

Deno.test("instance says a text as its documentation shows", () => {
  const from = aPerson("6281234567890");
  const event = anEvent("message.received", {
    ...aText("Hello!"),
    messageId: "xxx",
    from,
    chat: { kind: "person", jid: from.pn! },
    sentAt: AT,
  }, { at: AT, device: AN_INSTANCE });

  assertIs(bodyOf(event), GOLDEN.instance["message.received"]);
});

Deno.test("instance knows four states of a session", () => {
  const events = [
    anEvent("device.connecting", {}),
    anEvent("device.disconnected", { reason: "logout", final: true }),
    anEvent("device.disconnected", { reason: "connection_lost", final: false }),
  ];

  assertEquals(events.map(dataOf), [
    { status: "connecting" },
    { status: "disconnected", reason: "logged_out" },
    { status: "disconnected", reason: "connection_lost" },
  ]);
});

Deno.test("instance shows a QR code as an image", () => {
  const data = dataOf(anEvent("device.qr", { code: "2@abc,def,ghi", expiresAt: AT }));

  assertEquals(data.status, "qr");
  assertMatch(String(data.qrCode), /^data:image\/png;base64,[A-Za-z0-9+/]+=*$/);
});

Deno.test("instance says a sent message and its statuses under WhatsApp's id", () => {
  const sent = anEvent("message.sent", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628111@s.whatsapp.net" },
    content: { kind: "text", text: "halo" },
    sentAt: AT,
  });

  assertEquals(instance.says(sent), ["message.sent"]);
  assertEquals(dataOf(sent), {
    messageId: "3EB0",
    to: "628111@s.whatsapp.net",
    chatId: "628111@s.whatsapp.net",
    body: "halo",
    type: "text",
    timestamp: "2024-01-01T00:00:00.000Z",
  });
  assertEquals(instance.says(aStatus({})), ["message.updated"]);
  assertObjectMatch(dataOf(aStatus({})), { messageId: "3EB0", status: "delivered" });
});

Deno.test("instance tells why a message failed", () => {
  const data = dataOf(aStatus({ status: "failed", reason: { code: 463, message: "Locked" } }));

  assertObjectMatch(data, { status: "failed", error: "Locked", errorCode: 463 });
});

Deno.test("instance says what was typed on the phone as sent", () => {
  const event = anEvent("message.received", { ...aText("dari HP"), fromMe: true });

  assertEquals(instance.says(event), ["message.sent"]);
  assertObjectMatch(dataOf(event), { to: "628123456789@s.whatsapp.net", body: "dari HP" });
});

Deno.test("instance gives the person and the group of a message in a group", () => {
  const data = dataOf(anEvent("message.received", { ...aText("halo"), chat: aGroup() }));

  assertObjectMatch(data, { from: "628123456789@s.whatsapp.net", chatId: "120363025246125486@g.us" });
});

Deno.test("instance puts the caption into body and the file beside it", () => {
  const media = { mediaId: "m1", mimeType: "video/mp4", seconds: 9 };
  const event = anEvent("message.received", {
    ...aText(""),
    content: { kind: "video", media, caption: "Lihat" },
  });

  assertObjectMatch(dataOf(event), {
    body: "Lihat",
    type: "video",
    mediaUrl: "/v1/devices/device_xyz789/media/m1",
    mimetype: "video/mp4",
  });
});

Deno.test("instance sends a test without an instance", () => {
  const event = anEvent("webhook.test", { message: "Test" }, { at: AT, device: null });

  assertIs(bodyOf(event), {
    event: "webhook.test",
    timestamp: "2024-01-01T00:00:00.000Z",
    data: { message: "Test" },
  });
});

Deno.test("instance says nothing of what has no instance", () => {
  const event = anEvent("alert.messages_failed", { failed: 1, limit: 0, withinMs: 1 }, { device: null });

  assertEquals(instance.says(event), []);
});

Deno.test("instance counts retries in a header, from the second request on", () => {
  const event = anEvent("message.received", aText("halo"), { device: AN_INSTANCE });
  const facts = { event, name: "message.received", deliveryId: "dlv_9", at: AT };

  assertEquals(instance.headers({ ...facts, attempt: 1 }, "{}", []), {
    "X-Webhook-ID": "dlv_9",
    "X-Instance-ID": "xxx",
  });
  assertEquals(instance.headers({ ...facts, attempt: 3 }, "{}", []), {
    "X-Webhook-ID": "dlv_9",
    "X-Instance-ID": "xxx",
    "X-Retry-Attempt": "2",
  });
});

Deno.test("instance calls the instance unknown in headers (when the event has no device)", () => {
  const event = anEvent("custom", { name: "x", payload: {} }, { device: null });

  const headers = instance.headers({ event, name: "x", deliveryId: "dlv_9", attempt: 1, at: AT }, "{}", []);

  assertEquals(headers["X-Instance-ID"], "unknown");
});

Deno.test("instance escapes a name that cannot stand in a header", () => {
  const device = { id: "device_1", alias: "toko\r\nX-Evil: 1" };
  const event = anEvent("custom", { name: "x", payload: {} }, { device });

  const headers = instance.headers({ event, name: "x", deliveryId: "dlv_9", attempt: 1, at: AT }, "{}", []);

  assertEquals(headers["X-Instance-ID"], "toko%0D%0AX-Evil%3A%201");
});

Deno.test("instance makes four attempts, after 5, 10 and 15 seconds", () => {
  assertEquals(instance.retry, { waitsMs: [5_000, 10_000, 15_000], jitter: 0 });
});
