import fc from "fast-check";
import type { Content, MediaDescriptor, MediaKind, MessageButton } from "../../src/events/content.ts";
import type {
  DisconnectReason,
  EventData,
  EventDevice,
  EventType,
  GroupChange,
  KabarEvent,
  ReceiptStatus,
} from "../../src/events/event.ts";
import type { Chat, Person } from "../../src/events/person.ts";

type Made<T extends EventType> = fc.Arbitrary<EventData[T]>;

/** Any text at all: emoji, line separators, lone surrogates, markup. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "a/b\\c", "\u2028\u2029", "</script>&'\"", "\ud800", "🙏🏽", "\u0000\n", "{event}"),
);
const id = fc.string({ minLength: 1, maxLength: 20 });
const digits = fc.stringMatching(/^62\d{8,12}$/);
const pn = digits.map((number) => `${number}@s.whatsapp.net`);
const lid = fc.stringMatching(/^\d{12,15}$/).map((number) => `${number}@lid`);
const group = fc.stringMatching(/^1203\d{14}$/).map((number) => `${number}@g.us`);
/** Mostly sane, sometimes what broken clocks give. */
const time = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 9e15, 1e20, 0.5) },
);

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

const person: fc.Arbitrary<Person> = fc.oneof(
  fc.record({ pn, lid, pushName: text }),
  fc.record({ pn, lid: fc.constant(null) }),
  fc.record({ pn: fc.constant(null), lid, pushName: text }),
);
const by = fc.option(person);
const chat: fc.Arbitrary<Chat> = fc.oneof(
  fc.record({ kind: fc.constant("person" as const), jid: fc.oneof(pn, lid), lid: maybe(lid) }),
  fc.record({ kind: fc.constant("group" as const), jid: group }),
  fc.constant<Chat>({ kind: "broadcast", jid: "status@broadcast" }),
  fc.constant<Chat>({ kind: "newsletter", jid: "120363@newsletter" }),
);
const media: fc.Arbitrary<MediaDescriptor> = fc.record({
  mediaId: id,
  mimeType: text,
  sizeBytes: maybe(fc.nat()),
  fileName: maybe(text),
  seconds: maybe(fc.nat()),
  animated: maybe(fc.boolean()),
  url: maybe(fc.webUrl()),
});
/** Whose the message is that another one changes or answers. */
const target = { author: maybe(person), targetFromMe: maybe(fc.boolean()) };
const button: fc.Arbitrary<MessageButton> = fc.record({
  kind: fc.constantFrom("reply" as const, "url" as const, "call" as const, "copy" as const, "row" as const),
  text,
  id: maybe(id),
  url: maybe(text),
  phoneNumber: maybe(text),
  code: maybe(text),
  description: maybe(text),
});
const kinds: readonly MediaKind[] = ["image", "video", "audio", "voice", "document", "sticker"];
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text }),
  fc.record({ kind: fc.constantFrom(...kinds), media, caption: maybe(text) }),
  fc.record({
    kind: fc.constant("location" as const),
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    name: maybe(text),
    address: maybe(text),
  }),
  fc.record({
    kind: fc.constant("contact" as const),
    contacts: fc.array(fc.record({ displayName: text, vcard: text }), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("poll" as const),
    question: text,
    options: fc.array(text, { maxLength: 4 }),
    selectableCount: fc.nat(12),
  }),
  fc.record({
    kind: fc.constant("poll_vote" as const),
    pollMessageId: id,
    options: fc.option(fc.array(text)),
    optionIndexes: maybe(fc.array(fc.nat(11), { maxLength: 3 })),
    unknownOptions: maybe(fc.nat(12)),
    ...target,
  }),
  fc.record({
    kind: fc.constant("reply" as const),
    text,
    replyId: maybe(id),
    flow: maybe(fc.record({ name: text, params: fc.oneof(fc.jsonValue(), text) })),
  }),
  fc.record({
    kind: fc.constant("template" as const),
    name: text,
    text: maybe(text),
    header: maybe(text),
    footer: maybe(text),
    media: maybe(media),
    buttons: maybe(fc.array(button, { maxLength: 3 })),
  }),
  fc.record({ kind: fc.constant("event" as const), name: text, startsAt: time, endsAt: maybe(time) }),
  fc.record({
    kind: fc.constant("event_response" as const),
    eventMessageId: id,
    response: fc.constantFrom("going" as const, "not_going" as const, "maybe" as const, null),
    ...target,
  }),
  fc.record({
    kind: fc.constant("group_invite" as const),
    group,
    name: text,
    code: id,
    expiresAt: maybe(time),
    text: maybe(text),
  }),
  fc.record({
    kind: fc.constant("product" as const),
    productId: id,
    title: text,
    price: maybe(fc.nat()),
    seller: maybe(pn),
  }),
  fc.record({
    kind: fc.constant("order" as const),
    orderId: id,
    itemCount: fc.nat(),
    text: maybe(text),
    token: maybe(text),
    lines: maybe(
      fc.array(fc.record({ id, quantity: fc.nat(), price: maybe(fc.nat()), currency: maybe(text) }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    catalogId: maybe(id),
  }),
  fc.record({ kind: fc.constant("pin" as const), pinnedMessageId: id, pinned: fc.boolean(), ...target }),
  fc.record({
    kind: fc.constant("unknown" as const),
    rawType: text,
    text: maybe(text),
    reason: maybe(fc.constantFrom("view_once" as const, "hosted" as const, "unreadable" as const)),
  }),
);
const context = {
  quoted: maybe(fc.record({
    messageId: id,
    from: fc.option(person),
    text: maybe(text),
    kind: maybe(fc.constantFrom("image" as const, "location" as const)),
    chatId: maybe(fc.oneof(group, fc.constant("status@broadcast"))),
  })),
  mentions: maybe(fc.array(fc.oneof(pn, lid), { maxLength: 3 })),
  mentionLids: maybe(fc.array(fc.option(lid), { maxLength: 3 })),
  mentionsAll: maybe(fc.boolean()),
  groupMentions: maybe(fc.array(fc.record({ group, subject: text }), { maxLength: 2 })),
  association: maybe(
    fc.record({
      kind: fc.constantFrom("hd" as const, "motion" as const, "album" as const),
      messageId: id,
    }),
  ),
  forwarded: maybe(fc.boolean()),
  viewOnce: maybe(fc.boolean()),
  expiresInSeconds: maybe(fc.nat()),
  referral: maybe(fc.record({ sourceId: maybe(id), headline: maybe(text), ctwaClid: maybe(id) })),
};
const inChat = { chat, me: maybe(pn) };
const spoken = { messageId: id, from: person, fromMe: fc.boolean() };
const members = fc.record({ group, participants: fc.array(person, { maxLength: 3 }), by });
const health = fc.record({
  webhookId: id,
  url: fc.webUrl(),
  failures: fc.nat(),
  since: time,
  lastError: text,
  statusCode: fc.option(fc.nat(599)),
});
const reasons: readonly DisconnectReason[] = [
  "logout",
  "replaced",
  "banned",
  "auth_failure",
  "pairing_expired",
  "connection_lost",
  "restart_required",
  "stopped",
];
const statuses: readonly ReceiptStatus[] = ["sent", "delivered", "read", "played", "failed"];
const change: fc.Arbitrary<GroupChange> = fc.oneof(
  fc.record({ what: fc.constantFrom("subject" as const, "description" as const), value: text }),
  fc.record({
    what: fc.constantFrom(
      "announce" as const,
      "join_approval" as const,
      "member_add" as const,
      "suspended" as const,
    ),
    value: fc.boolean(),
  }),
  fc.record({ what: fc.constantFrom("linked" as const, "unlinked" as const), value: group }),
  fc.record({ what: fc.constant("disappearing" as const), value: fc.nat() }),
  fc.constant<GroupChange>({ what: "picture", value: null }),
);

const DATA: { readonly [T in EventType]: Made<T> } = {
  "message.received": fc.record({
    ...inChat,
    ...context,
    ...spoken,
    sentAt: time,
    offline: fc.boolean(),
    content,
  }),
  "message.sent": fc.record({ ...inChat, ...context, messageId: id, waMessageId: id, content, sentAt: time }),
  "message.status": fc.record({
    ...inChat,
    messageId: fc.option(id),
    waMessageId: fc.option(id),
    status: fc.constantFrom(...statuses),
    statusAt: time,
    deliveredAt: maybe(time),
    readAt: maybe(time),
    participant: maybe(person),
    reason: maybe(fc.record({ code: fc.option(fc.nat()), message: text })),
    attempts: maybe(fc.nat()),
  }),
  "message.edited": fc.record({ ...inChat, ...context, ...spoken, ...target, editedAt: time, content }),
  "message.deleted": fc.record({ ...inChat, ...spoken, ...target, deletedAt: time }),
  "message.reaction": fc.record({
    ...inChat,
    ...spoken,
    ...target,
    emoji: text,
    reactedAt: time,
  }),
  "device.qr": fc.record({
    code: fc.oneof(fc.string({ maxLength: 240 }), text, fc.constant("é".repeat(2_000))),
    expiresAt: time,
  }),
  "device.connecting": fc.record({ percent: maybe(fc.nat(100)), message: maybe(text) }),
  "device.authenticated": fc.constant({}),
  "device.connected": fc.record({
    phoneNumber: fc.option(digits),
    jid: fc.option(pn),
    lid: maybe(lid),
    name: maybe(text),
  }),
  "device.disconnected": fc.record({
    reason: fc.constantFrom(...reasons),
    message: maybe(text),
    final: fc.boolean(),
  }),
  "device.unstable": fc.record({ disconnects: fc.nat(), withinMs: fc.nat(), message: text }),
  "device.proxy_failed": fc.record({ proxy: text, message: text, failedAt: time }),
  "device.state": fc.record({ state: text }),
  "call.received": fc.record({
    callId: id,
    from: person,
    kind: fc.constantFrom("voice" as const, "video" as const),
    group: maybe(group),
    calledAt: time,
    offline: fc.boolean(),
  }),
  "call.ended": fc.record({
    callId: id,
    from: person,
    outcome: fc.constantFrom("accepted" as const, "missed" as const),
    endedAt: time,
  }),
  "group.created": fc.record({ group, subject: text, participants: fc.array(person, { maxLength: 3 }), by }),
  "group.join": members,
  "group.leave": members,
  "group.promote": members,
  "group.demote": members,
  "group.updated": fc.record({ group, change, by }),
  "group.deleted": fc.record({ group, by, reason: maybe(text) }),
  "group.join_request": fc.record({
    group,
    participants: fc.array(person, { minLength: 1, maxLength: 3 }),
    by,
    state: fc.constantFrom("requested" as const, "withdrawn" as const, "rejected" as const),
    method: maybe(text),
  }),
  "contact.updated": fc.record({ contact: person, name: maybe(text), pictureChanged: maybe(fc.boolean()) }),
  "presence.updated": fc.record({
    chat,
    person,
    presence: fc.constantFrom("available" as const, "composing" as const),
    lastSeenAt: maybe(time),
  }),
  "chat.updated": fc.record({
    messageId: id,
    chat,
    from: person,
    fromMe: fc.boolean(),
    change: fc.record({ what: fc.constant("disappearing" as const), value: fc.nat() }),
    changedAt: time,
  }),
  "contact.opted_out": fc.record({ contact: person, word: text, messageId: id, at: time }),
  "contact.opted_in": fc.record({ contact: person, word: text, messageId: id, at: time }),
  "identity.resolved": fc.record({ pn, lid }),
  "identity.changed": fc.record({ person, previous: person, group: maybe(group), changedAt: time }),
  "media.received": fc.record({
    messageId: fc.option(id),
    mimeType: maybe(text),
    fileName: maybe(text),
    keptBytes: maybe(fc.nat()),
  }),
  "media.uploaded": fc.record({ messageId: fc.option(id) }),
  "webhook.test": fc.record({ message: text }),
  "webhook.failing": health,
  "webhook.disabled": health,
  "webhook.recovered": health,
  "alert.messages_failed": fc.record({ failed: fc.nat(), limit: fc.nat(), withinMs: fc.nat() }),
  "custom": fc.record({ name: fc.string({ minLength: 1 }), payload: fc.jsonValue() }),
};

const device: fc.Arbitrary<EventDevice | null> = fc.option(
  fc.record({
    id: id.map((value) => `device_${value}`),
    alias: fc.option(text.filter((name) => name !== "")),
  }),
);

/** Any event that the gateway can publish, as a source reports it. */
export const ANY_EVENT: fc.Arbitrary<KabarEvent> = fc.oneof(
  ...(Object.keys(DATA) as EventType[]).map((type) =>
    fc.record({
      seq: fc.nat(),
      tenantSeq: fc.nat(),
      id: fc.uuid().map((uuid) => `evt_${uuid}`),
      type: fc.constant(type),
      tenantId: fc.constant("tenant_default"),
      device,
      at: time,
      data: DATA[type] as fc.Arbitrary<unknown>,
    }) as fc.Arbitrary<KabarEvent>
  ),
);

/** The types that `ANY_EVENT` makes: all of them. */
export const EVENT_TYPES = Object.keys(DATA) as readonly EventType[];
