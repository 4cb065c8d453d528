import type { Content } from "../../../src/events/content.ts";
import type { KabarEvent } from "../../../src/events/event.ts";
import { FORMATS } from "../../../src/formats/mod.ts";
import type { FormatName } from "../../../src/store/webhooks.ts";
import { aGroup, anEvent, aPerson, aText } from "../../support/events.ts";

const AT = 1_760_875_200_000;
const ME = "628999000111@s.whatsapp.net";
const ANI = { ...aPerson("628111222333", "Ani"), lid: "200111222333@lid" };
const BUDI = aPerson("628444555666", "Budi");
const CHAT = { kind: "person", jid: ANI.pn!, lid: ANI.lid } as const;
const GROUP = aGroup();
const FILE = {
  mediaId: "media_1",
  mimeType: "application/octet-stream",
  sizeBytes: 2048,
  sha256: "ab".repeat(32),
};
const HEALTH = {
  webhookId: "wh_1",
  url: "https://a.example/hook",
  failures: 10,
  since: AT - 60_000,
  lastError: "Answer was 500",
  statusCode: 500,
};

const CONTENTS: Readonly<Record<string, Content>> = {
  text: { kind: "text", text: "Halo 👋 https://a.example/x" },
  image: { kind: "image", media: { ...FILE, width: 800, height: 600 }, caption: "Nota" },
  video: { kind: "video", media: { ...FILE, seconds: 9, animated: true } },
  audio: { kind: "audio", media: { ...FILE, seconds: 60 } },
  voice: { kind: "voice", media: { ...FILE, seconds: 4 } },
  document: { kind: "document", media: { ...FILE, fileName: "nota.pdf", pages: 2 } },
  sticker: { kind: "sticker", media: { ...FILE, url: "https://files.example/s.webp" } },
  location: {
    kind: "location",
    latitude: -6.2,
    longitude: 106.8,
    name: "Toko",
    address: "Jl. A",
    live: true,
  },
  contact: { kind: "contact", contacts: [{ displayName: "Citra", vcard: "BEGIN:VCARD\nEND:VCARD" }] },
  contacts: {
    kind: "contact",
    contacts: [{ displayName: "Citra", vcard: "BEGIN:VCARD" }, { displayName: "Dewi", vcard: "BEGIN:VCARD" }],
  },
  poll: { kind: "poll", question: "Kapan?", options: ["Senin", "Selasa"], selectableCount: 0 },
  vote: { kind: "poll_vote", pollMessageId: "3EB0P", options: ["Senin"] },
  sealedVote: { kind: "poll_vote", pollMessageId: "3EB0P", options: null },
  reply: { kind: "reply", text: "Ya", replyId: "yes" },
  template: { kind: "template", name: "order_paid", text: "Lunas" },
  event: {
    kind: "event",
    name: "Buka puasa",
    startsAt: AT,
    endsAt: AT + 7_200_000,
    description: "Bawa takjil",
    place: "Toko, Jl. A",
    link: "https://call.whatsapp.com/video/x",
  },
  going: { kind: "event_response", eventMessageId: "3EB0E", response: "going", extraGuests: 2 },
  sealedAnswer: { kind: "event_response", eventMessageId: "3EB0E", response: null },
  invite: {
    kind: "group_invite",
    group: GROUP.jid,
    name: "Pelanggan",
    code: "AbCd",
    expiresAt: AT,
    text: "Mari",
  },
  product: {
    kind: "product",
    productId: "42",
    title: "Kopi",
    description: "250 g",
    price: 45_000,
    currency: "IDR",
    url: "https://toko.example/42",
    seller: ME,
    text: "Masih ada?",
  },
  order: {
    kind: "order",
    orderId: "77",
    itemCount: 3,
    title: "Toko",
    total: 135_000.5,
    currency: "IDR",
    seller: ME,
    text: "Pesan ini",
  },
  pin: { kind: "pin", pinnedMessageId: "3EB0A1", pinned: true },
  unknown: { kind: "unknown", rawType: "invoiceMessage" },
};

function received(content: Content): KabarEvent {
  return anEvent("message.received", { ...aText(""), from: ANI, chat: CHAT, me: ME, sentAt: AT, content });
}

const spoken = { messageId: "3EB0A1", chat: CHAT, from: ANI, fromMe: false, me: ME };
const sent = { messageId: "msg_1", waMessageId: "3EB0B2", chat: CHAT, me: ME };
const members = { group: GROUP.jid, participants: [ANI, BUDI], by: BUDI };
const call = { callId: "CALL1", from: ANI };

/** One event of every kind that there is, rich in what it can tell. */
export const EXAMPLES: Readonly<Record<string, KabarEvent>> = {
  ...Object.fromEntries(
    Object.entries(CONTENTS).map(([kind, content]) => [`received ${kind}`, received(content)]),
  ),
  "received in a group": anEvent("message.received", {
    ...spoken,
    chat: GROUP,
    sentAt: AT,
    offline: true,
    content: { kind: "text", text: "@628444555666 betul" },
    quoted: { messageId: "3EB0Q", from: BUDI, text: "siapa?" },
    mentions: [BUDI.pn!],
    forwarded: true,
    viewOnce: true,
    expiresInSeconds: 86_400,
    referral: {
      sourceUrl: "https://fb.me/x",
      sourceId: "120",
      sourceType: "ad",
      headline: "Kopi segar",
      body: "Pesan",
      ctwaClid: "ARAk",
    },
  }),
  "received from the owner": anEvent("message.received", {
    ...spoken,
    from: { pn: ME, lid: null },
    fromMe: true,
    sentAt: AT,
    offline: false,
    content: CONTENTS.text!,
  }),
  "sent text": anEvent("message.sent", { ...sent, content: CONTENTS.text!, sentAt: AT }),
  "sent image": anEvent("message.sent", { ...sent, content: CONTENTS.image!, sentAt: AT }),
  "status sent": anEvent("message.status", { ...sent, status: "sent", statusAt: AT }),
  "status delivered": anEvent("message.status", { ...sent, status: "delivered", statusAt: AT }),
  "status read in a group": anEvent("message.status", {
    ...sent,
    chat: GROUP,
    status: "read",
    statusAt: AT,
    deliveredAt: AT - 2_000,
    participant: ANI,
  }),
  "status played": anEvent("message.status", { ...sent, status: "played", statusAt: AT, readAt: AT - 1_000 }),
  "status failed": anEvent("message.status", {
    ...sent,
    status: "failed",
    statusAt: AT,
    reason: { code: 463, message: "New chats are locked for this number" },
    attempts: 3,
  }),
  edited: anEvent("message.edited", { ...spoken, editedAt: AT, content: CONTENTS.text! }),
  deleted: anEvent("message.deleted", { ...spoken, deletedAt: AT }),
  reaction: anEvent("message.reaction", { ...spoken, emoji: "❤️", reactedAt: AT, targetFromMe: true }),
  "reaction in a group": anEvent("message.reaction", { ...spoken, chat: GROUP, emoji: "", reactedAt: AT }),
  qr: anEvent("device.qr", { code: "2@Zm9v,YmFy,YmF6,cXV4,1", expiresAt: AT + 20_000 }),
  connecting: anEvent("device.connecting", { percent: 40, message: "Sync" }),
  authenticated: anEvent("device.authenticated", {}),
  connected: anEvent("device.connected", {
    phoneNumber: "628999000111",
    jid: ME,
    lid: "200999@lid",
    name: "Toko",
  }),
  logout: anEvent("device.disconnected", { reason: "logout", message: "Scan again", final: true }),
  lost: anEvent("device.disconnected", { reason: "connection_lost", final: false }),
  refused: anEvent("device.disconnected", { reason: "auth_failure", message: "Refused", final: true }),
  unstable: anEvent("device.unstable", { disconnects: 5, withinMs: 600_000, message: "It drops often" }),
  state: anEvent("device.state", { state: "CONFLICT" }),
  call: anEvent("call.received", { ...call, kind: "voice", calledAt: AT, offline: false }),
  "group call": anEvent("call.received", {
    ...call,
    kind: "video",
    group: GROUP.jid,
    calledAt: AT,
    offline: true,
  }),
  "call ended": anEvent("call.ended", { ...call, outcome: "missed", endedAt: AT }),
  "group created": anEvent("group.created", { ...members, subject: "Arisan" }),
  "group join": anEvent("group.join", members),
  "group join by link": anEvent("group.join", { ...members, participants: [ANI], by: null }),
  "group leave": anEvent("group.leave", { ...members, participants: [ANI], by: ANI }),
  "group removal": anEvent("group.leave", { ...members, participants: [ANI] }),
  "group promote": anEvent("group.promote", members),
  "group demote": anEvent("group.demote", members),
  "group subject": anEvent("group.updated", {
    group: GROUP.jid,
    by: ANI,
    change: { what: "subject", value: "Baru" },
  }),
  "group picture": anEvent("group.updated", {
    group: GROUP.jid,
    by: null,
    change: { what: "picture", value: null },
  }),
  "group locked": anEvent("group.updated", {
    group: GROUP.jid,
    by: ANI,
    change: { what: "locked", value: true },
  }),
  contact: anEvent("contact.updated", { contact: ANI, name: "Ani K.", pictureChanged: true }),
  presence: anEvent("presence.updated", {
    chat: CHAT,
    person: ANI,
    presence: "unavailable",
    lastSeenAt: AT - 5_000,
  }),
  identity: anEvent("identity.resolved", { pn: ANI.pn!, lid: ANI.lid }),
  "media received": anEvent("media.received", {
    messageId: "3EB0A1",
    mimeType: "image/png",
    fileName: "a.png",
  }),
  "media uploaded": anEvent("media.uploaded", { messageId: "3EB0A1" }),
  test: anEvent("webhook.test", { message: "This is a test" }, { device: null }),
  failing: anEvent("webhook.failing", HEALTH, { device: null }),
  disabled: anEvent("webhook.disabled", HEALTH, { device: null }),
  recovered: anEvent("webhook.recovered", { ...HEALTH, statusCode: null }, { device: null }),
  alert: anEvent("alert.messages_failed", { failed: 51, limit: 50, withinMs: 3_600_000 }, { device: null }),
  custom: anEvent("custom", { name: "order.paid", payload: { total: 12.5 } }, { device: null }),
  "custom without data": anEvent("custom", { name: "ping", payload: undefined }),
};

/**
 * What a format makes of the examples, a line for each body; how an image is packed does not count.
 * An example that it cannot say has a line without a body.
 */
export function said(format: FormatName): readonly string[] {
  const { says, render } = FORMATS[format];
  return Object.entries(EXAMPLES).flatMap(([title, event]) => {
    const names = says(event);
    if (names.length === 0) return [`${title}: nothing`];
    return names.map((name) => `${title}: ${withoutImage(render(event, name))}`);
  });
}

function withoutImage(body: string): string {
  return body.replace(/(data:image\/png;base64,)[A-Za-z0-9+/=]+/, "$1...");
}
