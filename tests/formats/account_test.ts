import { assertEquals, assertObjectMatch } from "@std/assert";
import type { Content } from "../../src/events/content.ts";
import type { EventData, KabarEvent } from "../../src/events/event.ts";
import { account } from "../../src/formats/account.ts";
import { aGroup, anEvent, aPerson, aText } from "../support/events.ts";
import { assertIs, GOLDEN } from "./golden/golden.ts";

const AT = Date.parse("2025-10-19T12:00:00.000Z");
const PHONE = "6281234567890";

function bodyOf(event: KabarEvent): string {
  return account.render(event, account.says(event)[0]!);
}

function dataOf(event: KabarEvent): Readonly<Record<string, unknown>> {
  return JSON.parse(bodyOf(event)).data;
}

function contentOf(content: Content): unknown {
  return dataOf(anEvent("message.received", { ...aText(""), content })).content;
}

function aFailure(more: Partial<EventData["message.status"]> = {}): KabarEvent {
  return anEvent("message.status", {
    messageId: null,
    waMessageId: null,
    chat: { kind: "person", jid: `${PHONE}@s.whatsapp.net` },
    status: "failed",
    statusAt: AT,
    reason: { code: null, message: "Message send timeout" },
    attempts: 3,
    ...more,
  }, { at: AT });
}

Deno.test("account says a text as its documentation shows", () => {
  const from = aPerson(PHONE, "John Doe");
  const event = anEvent("message.received", {
    ...aText("Hello from WhatsApp!"),
    messageId: "message_id_here",
    from,
    chat: { kind: "person", jid: from.pn! },
    sentAt: 1_642_512_000_000,
  }, { at: AT });

  assertIs(bodyOf(event), GOLDEN.account["message.received"]);
});

Deno.test("account says a sent text as its documentation shows", () => {
  const event = anEvent("message.sent", {
    messageId: "msg_1",
    waMessageId: "message_id_here",
    chat: { kind: "person", jid: `${PHONE}@s.whatsapp.net` },
    content: { kind: "text", text: "Hello from API!" },
    sentAt: AT,
  }, { at: AT });

  assertIs(bodyOf(event), GOLDEN.account["message.sent"]);
});

Deno.test("account says that it connected as its documentation shows", () => {
  const event = anEvent("device.connected", { phoneNumber: PHONE, jid: null }, { at: AT });

  assertIs(bodyOf(event), GOLDEN.account["connection.status"]);
});

Deno.test("account says that a message failed as its documentation shows", () => {
  assertIs(bodyOf(aFailure()), GOLDEN.account["error.occurred"]);
});

Deno.test("account says which message failed (when it has an id)", () => {
  const data = dataOf(aFailure({ waMessageId: "3EB0F" }));

  assertObjectMatch(data, { context: { messageId: "3EB0F" } });
});

Deno.test("account reports every change of the connection", () => {
  const changes = [
    anEvent("device.qr", { code: "2@abc", expiresAt: AT }),
    anEvent("device.connecting", {}),
    anEvent("device.disconnected", { reason: "connection_lost", final: false }),
  ];

  const told = changes.map((event) => {
    const { isConnected, qrCode } = dataOf(event);
    return { name: account.says(event)[0], isConnected, qrCode };
  });

  assertEquals(told, [
    { name: "connection.status", isConnected: false, qrCode: "2@abc" },
    { name: "connection.status", isConnected: false, qrCode: null },
    { name: "connection.status", isConnected: false, qrCode: null },
  ]);
});

Deno.test("account sends a made-up event under its own name with exactly the data given", () => {
  const event = anEvent("custom", { name: "custom.event", payload: { customField: "customValue" } }, {
    at: AT,
    device: null,
  });

  assertIs(bodyOf(event), {
    event: "custom.event",
    timestamp: "2025-10-19T12:00:00.000Z",
    data: { customField: "customValue" },
  });
});

Deno.test("account calls a test event test", () => {
  const event = anEvent("webhook.test", { message: "Test webhook" }, { device: null });

  const { event: name, data } = JSON.parse(bodyOf(event));

  assertEquals(name, "test");
  assertEquals(data.message, "Test webhook");
});

Deno.test("account keeps to what came in, was sent, or failed", () => {
  const text = aText("halo");
  const delivered = anEvent("message.status", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: text.chat,
    status: "delivered",
    statusAt: AT,
  });

  assertEquals(account.says(anEvent("message.received", { ...text, fromMe: true })), []);
  assertEquals(account.says(delivered), []);
  assertEquals(account.says(anEvent("device.authenticated", {})), []);
});

Deno.test("account describes each kind of content with keys of its own", () => {
  const media = { mediaId: "m1", mimeType: "image/jpeg" };
  const downloadUrl = "/v1/devices/device_xyz789/media/m1";

  assertEquals(contentOf({ kind: "image", media }), {
    caption: "",
    mimetype: "image/jpeg",
    mediaId: "m1",
    downloadUrl,
  });
  assertEquals(contentOf({ kind: "document", media: { mediaId: "m1", mimeType: "application/pdf" } }), {
    fileName: "document",
    mimetype: "application/pdf",
    mediaId: "m1",
    downloadUrl,
  });
  assertEquals(contentOf({ kind: "location", latitude: -6.2, longitude: 106.8 }), {
    latitude: -6.2,
    longitude: 106.8,
    name: "",
    address: "",
  });
  assertEquals(contentOf({ kind: "contact", contacts: [{ displayName: "Ani", vcard: "BEGIN:VCARD" }] }), {
    displayName: "Ani",
    vcard: "BEGIN:VCARD",
  });
  assertEquals(contentOf({ kind: "unknown", rawType: "orderMessage" }), { rawType: "orderMessage" });
});

Deno.test("account names the group beside the person (when a message came in a group)", () => {
  const data = dataOf(anEvent("message.received", { ...aText("halo"), chat: aGroup() }));

  assertEquals(data.from, "628123456789@s.whatsapp.net");
  assertEquals(data.chatId, "120363025246125486@g.us");
});

Deno.test("account calls people without a name Unknown", () => {
  const data = dataOf(anEvent("message.received", aText("halo")));

  assertObjectMatch(data, { sender: { pushName: "Unknown" } });
});

Deno.test("account makes four attempts, after 2, 4 and 8 seconds, under its own name", () => {
  assertEquals(account.retry, { waitsMs: [2_000, 4_000, 8_000], jitter: 0 });
  assertEquals(account.timeoutMs, 10_000);
  assertEquals(account.userAgent, "WhatsApp-API-Webhook/1.0.0");
});
