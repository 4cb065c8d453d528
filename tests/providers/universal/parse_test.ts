import { assertEquals } from "@std/assert";
import { readUniversal, type Seen, UNIVERSAL_EVENTS } from "../../../src/providers/universal/parse.ts";
import { readEnvelope, readSessionEnvelope } from "../../../src/providers/universal/envelope.ts";
import { stateOf } from "../../../src/providers/universal/session_state.ts";

const SEEN: Seen = { scope: "device_1", me: null, receivedAt: 1_762_000_000_000 };

/** A text from somebody else, as a server on whatsapp-web.js serialises it. */
const TEXT = {
  _data: { notifyName: "Sari" },
  id: {
    fromMe: false,
    remote: "6281234567890@c.us",
    id: "3EB0AA",
    _serialized: "false_6281234567890@c.us_3EB0AA",
  },
  body: "halo",
  type: "chat",
  timestamp: 1_762_000_123,
  from: "6281234567890@c.us",
  to: "628999@c.us",
  fromMe: false,
  hasMedia: false,
};

function read(event: string, data: Readonly<Record<string, unknown>>, seen = SEEN) {
  const reading = readUniversal({ sessionId: "s-9", event, data }, seen);
  return reading.kind === "event" ? reading.draft : undefined;
}

Deno.test("universal reads its envelope", () => {
  const body = { sessionId: "s-9", event: "qr", data: { qr: "x" } };

  const result = readEnvelope(body);

  assertEquals(result, { ok: true, envelope: { sessionId: "s-9", event: "qr", data: { qr: "x" } } });
});

Deno.test("universal reads the envelope of stock servers", () => {
  const result = readEnvelope({ dataType: "status", data: { msg: "bad" }, sessionId: "s-9" });

  assertEquals(result, {
    ok: true,
    envelope: { sessionId: "s-9", event: "auth_failure", data: { msg: "bad" } },
  });
});

Deno.test("universal takes an event without data", () => {
  const result = readEnvelope({ sessionId: "s-9", event: "ready" });

  assertEquals(result.ok && result.envelope.data, {});
});

Deno.test("universal refuses an envelope without session or event", () => {
  const bodies = [{ event: "qr" }, { sessionId: "s" }, { sessionId: {}, event: "qr" }, null, [], "x"];

  const results = bodies.map(readEnvelope);

  const error = "Invalid webhook payload. Required: sessionId, event";
  assertEquals(results, bodies.map(() => ({ ok: false, error })));
});

Deno.test("universal guesses a bare body of a session by its keys", () => {
  const bodies = [{ qr: "x" }, { state: "CONNECTED" }, { reason: "LOGOUT" }, { message: { id: "m" } }, {
    foo: 1,
  }];

  const events = bodies.map((body) => readSessionEnvelope(body, "s-9")).map((result) =>
    result.ok ? `${result.envelope.sessionId} ${result.envelope.event}` : result.error
  );

  assertEquals(events, [
    "s-9 qr",
    "s-9 change_state",
    "s-9 disconnected",
    "s-9 message",
    "Unknown payload format",
  ]);
});

Deno.test("universal lets the session in the path win", () => {
  const result = readSessionEnvelope({ sessionId: "other", event: "ready", data: {} }, "s-9");

  assertEquals(result.ok && result.envelope.sessionId, "s-9");
});

Deno.test("universal makes an event of each name that it lists", () => {
  const data = {
    qr: "code",
    reason: "NAVIGATION",
    msg: "bad login",
    state: "OPENING",
    percent: "40",
    message: { ...TEXT, fromMe: true, id: { ...TEXT.id, fromMe: true }, to: "6281@c.us" },
    ack: 2,
    call: { id: "C1", from: "6281234567890@c.us", timestamp: 1_762_000_123, isVideo: true },
    messageMedia: { mimetype: "image/png", filename: "a.png", data: "AAAA" },
  };

  const types = UNIVERSAL_EVENTS.map((event) => read(event, data)?.type);

  assertEquals(types, [
    "device.qr",
    "device.connected",
    "device.authenticated",
    "device.disconnected",
    "device.disconnected",
    "device.state",
    "device.connecting",
    "message.received",
    "message.received",
    "message.status",
    "call.received",
    "media.uploaded",
    "media.received",
  ]);
});

Deno.test("universal reads a text with our kind of addresses", () => {
  const draft = read("message", { message: TEXT });

  assertEquals(draft?.data, {
    messageId: "3EB0AA",
    chat: { kind: "person", jid: "6281234567890@s.whatsapp.net" },
    from: { pn: "6281234567890@s.whatsapp.net", lid: null, pushName: "Sari" },
    fromMe: false,
    me: "628999@s.whatsapp.net",
    sentAt: 1_762_000_123_000,
    offline: false,
    content: { kind: "text", text: "halo" },
  });
});

Deno.test("universal sees message and message_create of somebody else's message as one fact", () => {
  const keys = ["message", "message_create"].map((event) => read(event, { message: TEXT })?.dedupeKey);

  assertEquals(keys[0], keys[1]);
});

Deno.test("universal tells the author from the group", () => {
  const message = {
    ...TEXT,
    id: { fromMe: false, remote: "120363041234567890@g.us", id: "3EB0BB" },
    from: "120363041234567890@g.us",
    author: { server: "c.us", user: "6281234567890", _serialized: "6281234567890@c.us" },
  };

  const draft = read("message", { message });

  const data = draft?.type === "message.received" ? draft.data : undefined;
  assertEquals(data?.chat, { kind: "group", jid: "120363041234567890@g.us" });
  assertEquals(data?.from.pn, "6281234567890@s.whatsapp.net");
});

Deno.test("universal knows who wrote in a group that we wrote in (own address known)", () => {
  const message = { id: { fromMe: true, remote: "120363041234567890@g.us", id: "3EB0BB" }, body: "x" };

  const draft = read("message_create", { message }, { ...SEEN, me: "628999@s.whatsapp.net" });

  const data = draft?.type === "message.received" ? draft.data : undefined;
  assertEquals([data?.fromMe, data?.from.pn], [true, "628999@s.whatsapp.net"]);
});

Deno.test("universal reads acks of our messages", () => {
  const message = {
    id: { fromMe: true, remote: "6281234567890@c.us", id: "3EB0CC" },
    to: "6281234567890@c.us",
  };

  const statuses = [-1, 0, 1, 2, 3, 4].map((ack) => {
    const draft = read("message_ack", { message, ack });
    return draft?.type === "message.status" ? draft.data.status : undefined;
  });

  assertEquals(statuses, ["failed", undefined, "sent", "delivered", "read", "played"]);
});

Deno.test("universal keeps quiet about an ack of somebody else's message", () => {
  const draft = read("message_ack", { message: TEXT, ack: 3 });

  assertEquals(draft, undefined);
});

Deno.test("universal reads who joined a group", () => {
  const notification = {
    id: { remote: "120363041234567890@g.us", _serialized: "false_120363041234567890@g.us_1" },
    chatId: "120363041234567890@g.us",
    author: "628999@c.us",
    recipientIds: ["6281234567890@c.us"],
    type: "add",
  };

  const draft = read("group_join", { notification });

  assertEquals(draft?.data, {
    group: "120363041234567890@g.us",
    participants: [{ pn: "6281234567890@s.whatsapp.net", lid: null }],
    by: { pn: "628999@s.whatsapp.net", lid: null },
  });
});

Deno.test("universal makes nothing of a message that names no chat", () => {
  const drafts = ["message", "message_ack", "call", "group_join"].map((event) =>
    read(event, { message: { id: "m" } })
  );

  assertEquals(drafts, [undefined, undefined, undefined, undefined]);
});

Deno.test("session state follows what the server reports", () => {
  const reports: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["qr", { qr: "code" }],
    ["ready", {}],
    ["authenticated", {}],
    ["disconnected", { reason: "LOGOUT" }],
    ["auth_failure", { msg: "bad" }],
    ["loading_screen", { percent: "40", message: "WhatsApp" }],
    ["change_state", { state: "CONNECTED" }],
    ["change_state", { state: "TOS_BLOCK" }],
  ];

  const states = reports.map(([event, data]) => stateOf({ sessionId: "s-9", event, data }));

  assertEquals(states.map((state) => [state?.status, state?.message, state?.qr, state?.device.status]), [
    ["qr_generated", null, "code", "pairing"],
    ["session_connected", null, null, "connected"],
    ["authenticated", null, null, "connecting"],
    ["session_not_connected", "Disconnected: LOGOUT", null, "disconnected"],
    ["auth_failure", "bad", null, "failed"],
    ["loading", "Loading 40%: WhatsApp", undefined, "connecting"],
    ["session_connected", null, null, "connected"],
    ["TOS_BLOCK", null, undefined, "connecting"],
  ]);
});

Deno.test("universal reads who the session is, wherever the server tells it along with ready", () => {
  const me = { server: "c.us", user: "628999", _serialized: "628999@c.us" };
  const info = { pushname: "Toko", wid: me, me, platform: "android" }; // web.js' `ClientInfo` as it serialises
  const told = [info, { info }, { me: "628999@c.us", pushName: "Toko" }, {
    me: { id: "628999:4@s.whatsapp.net", pushName: "Toko" },
  }];

  const drafts = told.map((data) => read("ready", data));
  const states = told.map((data) => stateOf({ sessionId: "s-9", event: "ready", data })?.device);

  const jid = "628999@s.whatsapp.net";
  assertEquals(
    drafts.map((draft) => draft?.data),
    told.map(() => ({ phoneNumber: "628999", jid, name: "Toko" })),
  );
  assertEquals(
    states,
    told.map(() => ({ status: "connected", jid, phoneNumber: "628999", pushName: "Toko" })),
  );
});

Deno.test("universal reads the name of a contact card, however long a card without one is", () => {
  const card = "BEGIN:VCARD\nVERSION:3.0\nN:;Budi;;;\nFN;CHARSET=UTF-8:Budi\nEND:VCARD";
  const endless = "FN\n".repeat(1_000_000); // nobody would wait for time that grows with the square of it

  const draft = read("message", { message: { ...TEXT, type: "multi_vcard", vCards: [card, endless] } });

  const content = draft?.type === "message.received" ? draft.data.content : undefined;
  const names = content?.kind === "contact" ? content.contacts.map(({ displayName }) => displayName) : [];
  assertEquals(names, ["Budi", ""]);
});
