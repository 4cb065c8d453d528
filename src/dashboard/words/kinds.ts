import type { Pairs } from "./words.ts";

/** What a message can be, as a title begins with it. */
export const kinds = {
  text: ["Text", "Teks"],
  image: ["Picture", "Gambar"],
  video: ["Video", "Video"],
  audio: ["Audio", "Audio"],
  voice: ["Voice note", "Pesan suara"],
  document: ["Document", "Dokumen"],
  sticker: ["Sticker", "Stiker"],
  location: ["Location", "Lokasi"],
  contact: ["Contact", "Kontak"],
  poll: ["Poll", "Polling"],
} as const satisfies Pairs;
