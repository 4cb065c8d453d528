import type { Content, MediaDescriptor } from "../content.ts";
import { AT, BUDI, GROUP, ME } from "./example.ts";

function file(mimeType: string, more: Partial<MediaDescriptor> = {}): MediaDescriptor {
  return { mediaId: "media_01kb0example", mimeType, sizeBytes: 48_213, sha256: "5e".repeat(32), ...more };
}

/** One content of every kind, named by what it shows. */
export const CONTENTS = {
  text: { kind: "text", text: "Halo, yang biru masih ada? 👋" },
  image: { kind: "image", media: file("image/jpeg", { width: 1200, height: 1600 }), caption: "Yang ini" },
  video: { kind: "video", media: file("video/mp4", { seconds: 9, animated: true }) },
  audio: { kind: "audio", media: file("audio/mpeg", { seconds: 63 }) },
  voice: { kind: "voice", media: file("audio/ogg; codecs=opus", { seconds: 4 }) },
  document: { kind: "document", media: file("application/pdf", { fileName: "nota-7.pdf", pages: 2 }) },
  sticker: { kind: "sticker", media: file("image/webp", { url: "https://files.example/stiker.webp" }) },
  location: {
    kind: "location",
    latitude: -6.1754,
    longitude: 106.8272,
    name: "Toko Melati",
    address: "Jl. Contoh 1, Jakarta",
    live: true,
  },
  contact: { kind: "contact", contacts: [{ displayName: "Citra", vcard: vcard("Citra", "628000000155") }] },
  contacts: {
    kind: "contact",
    contacts: [
      { displayName: "Citra", vcard: vcard("Citra", "628000000155") },
      { displayName: "Dewi", vcard: vcard("Dewi", "628000000166") },
    ],
  },
  poll: { kind: "poll", question: "Diantar kapan?", options: ["Senin", "Selasa"], selectableCount: 1 },
  poll_vote: {
    kind: "poll_vote",
    pollMessageId: "3EB0A7F2C9D1E004",
    options: ["Senin"],
    optionIndexes: [0],
    targetFromMe: true,
    author: { pn: ME, lid: null },
  },
  poll_vote_taken_back: { kind: "poll_vote", pollMessageId: "3EB0A7F2C9D1E004", options: [] },
  poll_vote_unknown_option: {
    kind: "poll_vote",
    pollMessageId: "3EB0A7F2C9D1E004",
    options: ["Senin"],
    unknownOptions: 1,
  },
  poll_vote_sealed: { kind: "poll_vote", pollMessageId: "3EB0A7F2C9D1E004", options: null },
  reply: { kind: "reply", text: "Ya, kirim", replyId: "order-7-yes" },
  form: {
    kind: "reply",
    text: "Terkirim",
    flow: { name: "galaxy_message", params: { flow_token: "tok-1", full_name: "Sari Contoh" } },
  },
  template: {
    kind: "template",
    name: "order_paid",
    text: "Pesanan 7 sudah lunas. Kode ambil: 123456",
    header: "Toko Melati",
    footer: "Jangan dibalas",
    media: file("image/jpeg"),
    buttons: [
      { kind: "copy", text: "Salin kode", code: "123456" },
      { kind: "url", text: "Lacak", url: "https://toko.example/lacak/7" },
      { kind: "reply", text: "Terima kasih", id: "thanks" },
    ],
  },
  event: {
    kind: "event",
    name: "Buka puasa bersama",
    startsAt: AT + 86_400_000,
    endsAt: AT + 93_600_000,
    description: "Bawa takjil",
    place: "Toko Melati, Jl. Contoh 1",
    link: "https://call.example/video/x",
  },
  event_response: {
    kind: "event_response",
    eventMessageId: "3EB0A7F2C9D1E005",
    response: "going",
    extraGuests: 2,
  },
  event_response_sealed: { kind: "event_response", eventMessageId: "3EB0A7F2C9D1E005", response: null },
  group_invite: {
    kind: "group_invite",
    group: GROUP.jid,
    name: "Pelanggan Melati",
    code: "AbCdEfGh",
    expiresAt: AT + 259_200_000,
    text: "Mari bergabung",
  },
  product: {
    kind: "product",
    productId: "42",
    title: "Kopi Gayo",
    description: "250 g",
    price: 45_000,
    currency: "IDR",
    url: "https://toko.example/42",
    seller: ME,
    text: "Masih ada?",
  },
  order: {
    kind: "order",
    orderId: "770000000000001",
    itemCount: 3,
    title: "Toko Melati",
    total: 135_000.5,
    currency: "IDR",
    seller: ME,
    text: "Pesan ini",
    token: "AR0example==",
    lines: [
      { id: "teh-hijau", quantity: 2, price: 50_000.25, currency: "IDR" },
      { id: "kopi", quantity: 1, price: 35_000, currency: "IDR" },
    ],
    catalogId: "880000000000001",
  },
  pin: {
    kind: "pin",
    pinnedMessageId: "3EB0A7F2C9D1E003",
    pinned: true,
    author: { pn: BUDI.pn, lid: BUDI.lid },
  },
  unknown: { kind: "unknown", rawType: "invoiceMessage", text: "Tagihan November" },
  view_once: { kind: "unknown", rawType: "viewOnceMessage", reason: "view_once" },
} as const satisfies Readonly<Record<string, Content>>;

function vcard(name: string, digits: string): string {
  return `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${digits}:+${digits}\nEND:VCARD`;
}
