import { assertEquals, assertObjectMatch } from "@std/assert";
import type { KabarEvent, ReceiptStatus } from "../../src/events/event.ts";
import { session } from "../../src/formats/session.ts";
import { anEvent, aPerson } from "../support/events.ts";
import { assertIs, GOLDEN } from "./golden/golden.ts";

const AT = 1_703_145_600_000;
const A_SESSION = { id: "device_1", alias: "session-123" };
const ME = "628999@s.whatsapp.net";

function bodyOf(event: KabarEvent, name = session.says(event)[0]!): string {
  return session.render(event, name);
}

function dataOf(event: KabarEvent, name?: string): Readonly<Record<string, unknown>> {
  return JSON.parse(bodyOf(event, name)).data;
}

function aStatus(status: ReceiptStatus): KabarEvent {
  return anEvent("message.status", {
    messageId: "msg_1",
    waMessageId: "3EB0",
    chat: { kind: "person", jid: "628111@s.whatsapp.net" },
    me: ME,
    status,
    statusAt: AT,
  });
}

Deno.test("session says a QR code as its documentation shows", () => {
  const event = anEvent("device.qr", { code: "qr-code-data", expiresAt: AT }, { device: A_SESSION });

  assertIs(bodyOf(event), GOLDEN.session.qr);
});

Deno.test("session says that it is ready with empty data", () => {
  const event = anEvent("device.connected", { phoneNumber: "628999", jid: ME }, { device: A_SESSION });

  assertIs(bodyOf(event), { sessionId: "session-123", event: "ready", data: {} });
});

Deno.test("session goes by the device's id (when it has no alias)", () => {
  const { sessionId } = JSON.parse(bodyOf(anEvent("device.authenticated", {})));

  assertEquals(sessionId, "device_xyz789");
});

Deno.test("session gives acks as numbers", () => {
  const steps: readonly ReceiptStatus[] = ["failed", "sent", "delivered", "read", "played"];

  const acks = steps.map((step) => dataOf(aStatus(step)).ack);

  assertEquals(acks, [-1, 1, 2, 3, 4]);
});

Deno.test("session says whose ack it is", () => {
  assertObjectMatch(dataOf(aStatus("delivered")), {
    message: { id: { fromMe: true, _serialized: "true_628111@c.us_3EB0" }, ack: 2, to: "628111@c.us" },
  });
});

Deno.test("session gives reasons of a disconnect in WhatsApp Web's words", () => {
  const event = anEvent("device.disconnected", { reason: "logout", final: true });

  assertEquals(session.says(event), ["disconnected", "change_state"]);
  assertEquals(dataOf(event), { reason: "LOGOUT" });
});

Deno.test("session says a failed login by its own name first", () => {
  const event = anEvent("device.disconnected", { reason: "auth_failure", message: "Ditolak", final: true });

  assertEquals(session.says(event)[0], "auth_failure");
  assertEquals(dataOf(event), { msg: "Ditolak" });
});

Deno.test("session says progress with a number and a text, always", () => {
  assertEquals(dataOf(anEvent("device.connecting", {})), { percent: 0, message: "WhatsApp" });
  assertEquals(dataOf(anEvent("device.connecting", { percent: 40, message: "Sync" })), {
    percent: 40,
    message: "Sync",
  });
});

Deno.test("session says states to those who ask for them", () => {
  const connected = anEvent("device.connected", { phoneNumber: null, jid: null });

  assertEquals(dataOf(connected, "change_state"), { state: "CONNECTED" });
  assertEquals(dataOf(anEvent("device.connecting", {}), "change_state"), { state: "OPENING" });
  assertEquals(dataOf(anEvent("device.state", { state: "TIMEOUT" })), { state: "TIMEOUT" });
});

Deno.test("session says a call", () => {
  const event = anEvent("call.received", {
    callId: "CALL1",
    from: aPerson("628111"),
    kind: "video",
    calledAt: AT,
    offline: false,
  });

  assertObjectMatch(dataOf(event), {
    call: { id: "CALL1", from: "628111@c.us", timestamp: 1_703_145_600, isVideo: true, isGroup: false },
  });
});

Deno.test("session tells joining by invitation from being added", () => {
  const group = "1@g.us";
  const joined = anEvent("group.join", { group, participants: [aPerson("628111")], by: null });
  const added = anEvent("group.join", { group, participants: [aPerson("628111")], by: aPerson("628222") });

  assertObjectMatch(dataOf(joined), {
    notification: { type: "invite", chatId: group, recipientIds: ["628111@c.us"] },
  });
  assertObjectMatch(dataOf(added), { notification: { type: "add", author: "628222@c.us" } });
});

Deno.test("session tells leaving a group from being removed", () => {
  const group = "1@g.us";
  const participants = [aPerson("628111")];
  const left = anEvent("group.leave", { group, participants, by: aPerson("628111") });
  const removed = anEvent("group.leave", { group, participants, by: aPerson("628222") });

  assertObjectMatch(dataOf(left), { notification: { type: "leave" } });
  assertObjectMatch(dataOf(removed), { notification: { type: "remove" } });
});

Deno.test("session passes on what an external server tells of files", () => {
  const received = anEvent("media.received", { messageId: "3EB0", mimeType: "image/png" });
  const uploaded = anEvent("media.uploaded", { messageId: "3EB0" });

  assertEquals(session.says(received), ["media"]);
  assertObjectMatch(dataOf(received), {
    messageMedia: { mimetype: "image/png" },
    message: { id: { id: "3EB0" } },
  });
  assertEquals(session.says(uploaded), ["media_uploaded"]);
});

Deno.test("session says nothing of what has no session, but for tests", () => {
  const alert = anEvent("alert.messages_failed", { failed: 1, limit: 0, withinMs: 1 }, { device: null });
  const test = anEvent("webhook.test", { message: "Test" }, { device: null });

  assertEquals(session.says(alert), []);
  assertIs(bodyOf(test), { sessionId: "test-session", event: "test", data: { message: "Test" } });
});

Deno.test("session has all names of its documentation", () => {
  const documented = [
    "qr",
    "ready",
    "authenticated",
    "disconnected",
    "auth_failure",
    "change_state",
    "loading_screen",
    "message",
    "message_create",
    "message_ack",
    "call",
    "media_uploaded",
    "media",
  ];

  assertEquals(documented.filter((name) => !session.names.includes(name)), []);
});

Deno.test("session signs after sha256=, and not at all without a secret", () => {
  const event = anEvent("device.authenticated", {});
  const facts = { event, name: "authenticated", deliveryId: "dlv_1", attempt: 1, at: AT };

  assertEquals(session.headers(facts, "{}", [{ value: "new", expiresAt: null }]), {
    "X-Webhook-Signature": "sha256=56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8",
  });
  assertEquals(session.headers(facts, "{}", []), {});
});

Deno.test("session makes one attempt", () => {
  assertEquals(session.retry, { waitsMs: [], jitter: 0 });
  assertEquals(session.userAgent, "WhatsApp-Server/1.0");
});
