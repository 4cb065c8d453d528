import { assertEquals } from "@std/assert";
import { readQiscus } from "../../../src/providers/qiscus/parse.ts";

const NOW = 1_762_000_000_000;

Deno.test("qiscus reads a documented status", () => {
  const body = {
    type: "message_status",
    payload: {
      from: "6281234567890",
      id: "wamid.abc123xyz",
      message_id: "wamid.abc123xyz",
      status: "sent",
      timestamp: "2025-11-01T10:00:00Z",
      recipient_id: "6281234567890",
    },
  };

  const { statuses, kind } = readQiscus(body, NOW);

  assertEquals(kind, "message_status");
  assertEquals(statuses, [{
    waMessageId: "wamid.abc123xyz",
    status: "sent",
    statusAt: Date.parse("2025-11-01T10:00:00Z"),
    recipient: "6281234567890",
    error: null,
  }]);
});

Deno.test("qiscus needs only an id and a status (the least that a test posts)", () => {
  const body = { type: "message_status", payload: { message_id: "wamid.test123", status: "delivered" } };

  const { statuses } = readQiscus(body, NOW);

  assertEquals(statuses, [
    { waMessageId: "wamid.test123", status: "delivered", statusAt: null, recipient: null, error: null },
  ]);
});

Deno.test("qiscus reads the statuses that it really sends", () => {
  const body = {
    statuses: [
      { id: "wamid.A", status: "failed", timestamp: "1730455200", recipient_id: "62812345" },
      { id: "wamid.B", status: "read", timestamp: "1730455201", recipient_id: "62812346" },
    ],
  };

  const { statuses } = readQiscus(body, NOW);

  assertEquals(statuses.map(({ waMessageId, status, statusAt }) => [waMessageId, status, statusAt]), [
    ["wamid.A", "failed", 1_730_455_200_000],
    ["wamid.B", "read", 1_730_455_201_000],
  ]);
});

Deno.test("qiscus tells why a message failed, whichever form tells it", () => {
  const forms = [
    { type: "message_status", payload: { message_id: "w", status: "failed", error: "Invalid phone number" } },
    { statuses: [{ id: "w", status: "failed", errors: [{ code: 131026, title: "Message undeliverable" }] }] },
    { statuses: [{ id: "w", status: "failed", errors: [{ error_data: { details: "Blocked" } }] }] },
    { type: "message_status", payload: { message_id: "w", status: "failed" } },
  ];

  const errors = forms.map((form) => readQiscus(form, NOW).statuses[0].error);

  assertEquals(errors, [
    { code: null, message: "Invalid phone number" },
    { code: 131026, message: "Message undeliverable" },
    { code: null, message: "Blocked" },
    null,
  ]);
});

Deno.test("qiscus reads a documented reply", () => {
  const body = {
    type: "incoming_message",
    payload: {
      from: "6281234567890",
      id: "wamid.x",
      timestamp: "2025-11-01T10:05:00Z",
      type: "text",
      message: { text: "Customer reply message", type: "text" },
    },
  };

  const { drafts } = readQiscus(body, NOW);

  assertEquals(drafts, [{
    type: "message.received",
    dedupeKey: "qiscus:message:wamid.x",
    data: {
      messageId: "wamid.x",
      chat: { kind: "person", jid: "6281234567890@s.whatsapp.net" },
      from: { pn: "6281234567890@s.whatsapp.net", lid: null },
      fromMe: false,
      sentAt: Date.parse("2025-11-01T10:05:00Z"),
      offline: false,
      content: { kind: "text", text: "Customer reply message" },
    },
  }]);
});

Deno.test("qiscus reads the messages that it really sends, with names and what they answer", () => {
  const body = {
    contacts: [{ profile: { name: "Sari" }, wa_id: "6281234567890" }],
    messages: [
      {
        from: "6281234567890",
        id: "wamid.1",
        timestamp: "1730455200",
        type: "text",
        text: { body: "ya" },
        context: { id: "wamid.0" },
      },
      {
        from: "6281234567890",
        id: "wamid.2",
        timestamp: "1730455201",
        type: "image",
        image: { id: "media-1", mime_type: "image/jpeg", caption: "bukti" },
      },
      {
        from: "6281234567890",
        id: "wamid.3",
        timestamp: "1730455202",
        type: "interactive",
        interactive: { type: "button_reply", button_reply: { id: "yes", title: "Ya" } },
      },
    ],
  };

  const { drafts } = readQiscus(body, NOW);

  const data = drafts.map((draft) => draft.type === "message.received" ? draft.data : undefined);
  assertEquals(data.map((each) => each?.from.pushName), ["Sari", "Sari", "Sari"]);
  assertEquals(data[0]?.quoted, { messageId: "wamid.0", from: null });
  assertEquals(data.map((each) => each?.content), [
    { kind: "text", text: "ya" },
    { kind: "image", media: { mediaId: "media-1", mimeType: "image/jpeg", kept: false }, caption: "bukti" },
    { kind: "reply", text: "Ya", replyId: "yes" },
  ]);
});

Deno.test("qiscus reads the Cloud API's wrapping", () => {
  const value = { statuses: [{ id: "wamid.A", status: "sent", timestamp: "1730455200" }] };

  const { statuses } = readQiscus(
    { object: "whatsapp_business_account", entry: [{ changes: [{ value }] }] },
    NOW,
  );

  assertEquals(statuses.map(({ waMessageId }) => waMessageId), ["wamid.A"]);
});

Deno.test("qiscus turns a reaction into one", () => {
  const reaction = { message_id: "wamid.0", emoji: "👍" };
  const body = {
    messages: [{ from: "62812345", id: "wamid.9", timestamp: "1730455200", type: "reaction", reaction }],
  };

  const { drafts } = readQiscus(body, NOW);

  assertEquals(drafts.map(({ type, data }) => [type, "emoji" in data && data.emoji]), [[
    "message.reaction",
    "👍",
  ]]);
});

Deno.test("qiscus counts what it cannot use", () => {
  const body = { statuses: [{ status: "sent" }, { id: "w", status: "flying" }], messages: [{ id: "m" }] };

  const { unread, kind } = readQiscus(body, NOW);

  assertEquals([kind, unread.length], ["unknown", 3]);
});

Deno.test("qiscus knows nothing of an empty or foreign body", () => {
  const kinds = [{}, { type: "zzz" }, { type: "message_status" }, [], null, 7, "x", { type: "constructor" }]
    .map((body) => readQiscus(body, NOW).kind);

  assertEquals(new Set(kinds), new Set(["unknown"] as const));
});
