import { AT, BUDI, CHAT, type Example, example, GROUP, ME, SARI } from "./example.ts";

const members = { group: GROUP.jid, participants: [SARI, BUDI], by: BUDI };
const call = { callId: "3EB0CA11000000000001", from: SARI, me: ME };
const endpoint = {
  webhookId: "wh_01kb0example",
  url: "https://shop.example/hooks/whatsapp",
  failures: 10,
  since: AT - 60_000,
  lastError: "Answer was 503",
  statusCode: 503,
};

/** Everything that is not about a message: devices, calls, groups, people, webhooks. */
export const OTHERS: readonly Example[] = [
  example("device.qr", "code", {
    code: "2@Zm9vYmFyYmF6,ZXhhbXBsZQ==,ZXhhbXBsZQ==,1",
    expiresAt: AT + 20_000,
  }),
  example("device.connecting", "first", {}),
  example("device.connecting", "synchronising", { percent: 40, message: "Synchronising chats" }),
  example("device.authenticated", "external", {}),
  example("device.connected", "first", {
    phoneNumber: "628000000100",
    jid: ME,
    lid: "200000000000100@lid",
    name: "Toko Melati",
  }),
  example("device.disconnected", "connection_lost", {
    reason: "connection_lost",
    message: "The connection was lost. The gateway connects again by itself.",
    final: false,
  }),
  example("device.disconnected", "logout", {
    reason: "logout",
    message: "The device was removed on the phone. Link it again.",
    final: true,
  }),
  example("device.disconnected", "auth_failure", {
    reason: "auth_failure",
    message: "WhatsApp refused the session. Link the device again.",
    final: true,
  }),
  example("device.disconnected", "pairing_expired", { reason: "pairing_expired", final: true }),
  example("device.unstable", "first", {
    disconnects: 5,
    withinMs: 600_000,
    message: "The connection was lost 5 times within 10 minutes",
  }),
  example("device.proxy_failed", "password", {
    proxy: "socks5://proxy.example:1080",
    message:
      "Cannot connect through the proxy socks5://proxy.example:1080: it refused the user name or the password",
    failedAt: AT,
  }),
  example("device.state", "external", { state: "CONFLICT" }),

  example("call.received", "voice", { ...call, kind: "voice", calledAt: AT, offline: false }),
  example("call.received", "group", {
    ...call,
    kind: "video",
    group: GROUP.jid,
    calledAt: AT,
    offline: true,
  }),
  example("call.ended", "missed", { ...call, outcome: "missed", endedAt: AT }),

  example("group.created", "first", { ...members, subject: "Pelanggan Melati" }),
  example("group.join", "added", members),
  example("group.join", "by_link", { ...members, participants: [SARI], by: null }),
  example("group.leave", "left", { ...members, participants: [SARI], by: SARI }),
  example("group.leave", "removed", { ...members, participants: [SARI] }),
  example("group.promote", "first", { ...members, participants: [SARI] }),
  example("group.demote", "first", { ...members, participants: [SARI] }),
  example("group.updated", "subject", {
    group: GROUP.jid,
    by: SARI,
    change: { what: "subject", value: "Pelanggan Melati 2026" },
  }),
  example("group.updated", "picture", {
    group: GROUP.jid,
    by: null,
    change: { what: "picture", value: null },
  }),
  example("group.updated", "locked", { group: GROUP.jid, by: SARI, change: { what: "locked", value: true } }),
  example("group.updated", "linked", {
    group: "120363000000000001@g.us",
    by: SARI,
    change: { what: "linked", value: GROUP.jid },
  }),
  example("group.deleted", "first", { group: GROUP.jid, by: SARI }),
  example("group.join_request", "requested", {
    group: GROUP.jid,
    participants: [SARI],
    by: null,
    state: "requested",
    method: "invite_link",
  }),
  example("group.join_request", "rejected", {
    group: GROUP.jid,
    participants: [SARI],
    by: BUDI,
    state: "rejected",
  }),

  example("contact.updated", "name", { contact: SARI, name: "Sari (pelanggan)", pictureChanged: true }),
  example("presence.updated", "composing", { chat: CHAT, person: SARI, presence: "composing" }),
  example("presence.updated", "unavailable", {
    chat: CHAT,
    person: SARI,
    presence: "unavailable",
    lastSeenAt: AT - 5_000,
  }),
  example("chat.updated", "disappearing", {
    messageId: "3A0F0000000000000099",
    chat: { kind: "person", jid: SARI.pn ?? "", ...(SARI.lid === null ? {} : { lid: SARI.lid }) },
    from: SARI,
    fromMe: false,
    change: { what: "disappearing", value: 604_800 },
    changedAt: AT,
  }),
  example("contact.opted_out", "stop", {
    contact: SARI,
    word: "Stop",
    messageId: "3EB0C7A1F04D2E9C",
    at: AT,
  }),
  example("contact.opted_in", "start", {
    contact: SARI,
    word: "Mulai",
    messageId: "3EB0C7A1F04D2E9D",
    at: AT,
  }),
  example("identity.resolved", "first", { pn: SARI.pn, lid: SARI.lid }),
  example("identity.changed", "number", {
    person: { ...SARI, pn: "628000000143@s.whatsapp.net" },
    previous: { pn: SARI.pn, lid: SARI.lid },
    changedAt: AT,
  }),

  example("media.received", "external", {
    messageId: "3EB0C7A1F04D2E9B",
    mimeType: "image/png",
    fileName: "a.png",
    keptBytes: 48_213,
  }),
  example("media.uploaded", "external", { messageId: "3EB0C7A1F04D2E9B" }),

  example("webhook.test", "first", { message: "This is a test event from Kabar" }, null),
  example("webhook.failing", "first", endpoint, null),
  example("webhook.disabled", "gone", { ...endpoint, lastError: "Answer was 410", statusCode: 410 }, null),
  example("webhook.recovered", "first", { ...endpoint, statusCode: null }, null),
  example("alert.messages_failed", "first", { failed: 51, limit: 50, withinMs: 3_600_000 }, null),
  example("custom", "payload", { name: "order.paid", payload: { order: 7, total: 12.5 } }, null),
  example("custom", "empty", { name: "ping", payload: undefined }, null),
];
