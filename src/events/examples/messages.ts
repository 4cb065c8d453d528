import type { Content } from "../content.ts";
import { CONTENTS } from "./contents.ts";
import { AT, BUDI, CHAT, type Example, example, GROUP, ME, SARI } from "./example.ts";

const spoken = { messageId: "3EB0C7A1F04D2E9B", chat: CHAT, from: SARI, fromMe: false, me: ME };
const sent = { messageId: "msg_01kb0example", waMessageId: "3EB0B2C4D6E8F001", chat: CHAT, me: ME };
const received = { ...spoken, sentAt: AT, offline: false };

/** Messages, their statuses, and what happens to them. */
export const MESSAGES: readonly Example[] = [
  ...Object.entries<Content>(CONTENTS).map(([kind, content]) =>
    example("message.received", kind, {
      ...received,
      content,
      ...(kind === "view_once" && { viewOnce: true }),
    })
  ),
  example("message.received", "group", {
    ...received,
    chat: GROUP,
    content: { kind: "text", text: `@${BUDI.lid.split("@")[0]} betul` },
    quoted: { messageId: "3EB0A7F2C9D1E001", from: BUDI, text: "siapa?", kind: "text" },
    mentions: [BUDI.pn],
    mentionLids: [BUDI.lid],
    forwarded: true,
    expiresInSeconds: 86_400,
  }),
  example("message.received", "everybody", {
    ...received,
    chat: GROUP,
    content: { kind: "text", text: "@semua rapat jam 9" },
    mentionsAll: true,
  }),
  example("message.received", "status_reply", {
    ...received,
    content: { kind: "text", text: "Berapa harganya?" },
    quoted: {
      messageId: "3EB0A7F2C9D1E002",
      from: { pn: ME, lid: null },
      kind: "image",
      chatId: "status@broadcast",
    },
  }),
  example("message.received", "hd", {
    ...received,
    messageId: "3EB0C7A1F04D2E9C",
    content: CONTENTS.image,
    association: { kind: "hd", messageId: "3EB0C7A1F04D2E9B" },
  }),
  example("message.received", "advertisement", {
    ...received,
    content: { kind: "text", text: "Saya lihat iklannya" },
    referral: {
      sourceUrl: "https://ads.example/x",
      sourceId: "120000000000001",
      sourceType: "ad",
      headline: "Kopi segar",
      body: "Pesan sekarang",
      ctwaClid: "ARAkexample",
    },
  }),
  example("message.received", "offline", { ...received, offline: true, content: CONTENTS.text }),
  example("message.received", "backfilled", {
    ...received,
    offline: true,
    backfilled: true,
    content: CONTENTS.text,
  }),
  example("message.received", "from_me", {
    ...received,
    from: { pn: ME, lid: null },
    fromMe: true,
    content: CONTENTS.text,
  }),
  example("message.received", "hidden_number", {
    ...received,
    chat: { kind: "person", jid: SARI.lid },
    from: { pn: null, lid: SARI.lid, pushName: SARI.pushName },
    content: CONTENTS.text,
  }),

  example("message.sent", "text", { ...sent, content: CONTENTS.text, sentAt: AT }),
  example("message.sent", "image", { ...sent, content: CONTENTS.image, sentAt: AT }),
  example("message.status", "sent", { ...sent, status: "sent", statusAt: AT }),
  example("message.status", "delivered", { ...sent, status: "delivered", statusAt: AT }),
  example("message.status", "read", { ...sent, status: "read", statusAt: AT, deliveredAt: AT - 2_000 }),
  example("message.status", "read_in_group", {
    ...sent,
    chat: GROUP,
    status: "read",
    statusAt: AT,
    deliveredAt: AT - 2_000,
    participant: SARI,
  }),
  example("message.status", "played", { ...sent, status: "played", statusAt: AT, readAt: AT - 1_000 }),
  example("message.status", "failed", {
    ...sent,
    status: "failed",
    statusAt: AT,
    reason: { code: 463, message: "New chats are locked for this number" },
    attempts: 3,
  }),

  example("message.edited", "text", {
    ...spoken,
    editedAt: AT,
    content: { kind: "text", text: "Halo, yang hijau masih ada?" },
  }),
  example("message.edited", "group", {
    ...spoken,
    chat: GROUP,
    editedAt: AT,
    content: { kind: "text", text: `@${BUDI.lid.split("@")[0]} jam 10` },
    mentions: [BUDI.pn],
    mentionLids: [BUDI.lid],
    quoted: { messageId: "3EB0A7F2C9D1E001", from: BUDI, text: "jam berapa?" },
    author: SARI,
  }),
  example("message.deleted", "own", { ...spoken, deletedAt: AT, author: SARI }),
  example("message.deleted", "by_admin", { ...spoken, chat: GROUP, deletedAt: AT, author: BUDI }),
  example("message.reaction", "emoji", {
    ...spoken,
    messageId: "3EB0B2C4D6E8F001",
    emoji: "❤️",
    reactedAt: AT,
    targetFromMe: true,
  }),
  example("message.reaction", "group", { ...spoken, chat: GROUP, emoji: "👍", reactedAt: AT, author: BUDI }),
  example("message.reaction", "taken_back", { ...spoken, chat: GROUP, emoji: "", reactedAt: AT }),
];
