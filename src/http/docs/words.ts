/** The languages in which pages are drawn. */
export const LANGUAGES = { en: "English", id: "Indonesia" } as const;

export type Language = keyof typeof LANGUAGES;

/** The words of the pages around what they show. */
export interface Words {
  readonly docs: string;
  readonly skip: string;
  readonly start: string;
  readonly guide: string;
  readonly events: string;
  readonly reference: string;
  readonly search: string;
  readonly searchFor: string;
  readonly results: (query: string, count: number) => string;
  readonly nothing: string;
  readonly language: string;
  readonly pages: string;
  readonly onThisPage: string;
  readonly tryIt: string;
  readonly tryWarning: string;
  readonly needsScript: string;
  readonly link: string;
  readonly parameters: string;
  readonly body: string;
  readonly answers: string;
  readonly field: string;
  readonly type: string;
  readonly required: string;
  readonly optional: string;
  readonly meaning: string;
  readonly needsKey: (header: string) => string;
  readonly needsNoKey: string;
  readonly example: string;
  readonly operations: (count: number) => string;
  readonly whenItComes: string;
  readonly whatToDo: string;
  readonly fields: string;
  readonly fieldsOfDevice: string;
  readonly names: string;
  readonly notIn: string;
  readonly examples: string;
  readonly kind: string;
  readonly format: string;
  readonly headers: string;
  readonly eventGroups: Readonly<Record<string, string>>;
  readonly notFound: string;
  readonly notFoundSub: string;
  readonly englishOnly: string;
  readonly welcome: string;
  readonly welcomeSub: string;
  readonly machines: string;
  readonly dashboard: string;
  readonly alerts: string;
}

const en: Words = {
  docs: "Documentation",
  skip: "Skip to content",
  start: "Start",
  guide: "Guide",
  events: "Event catalogue",
  reference: "API reference",
  search: "Search",
  searchFor: "Search events, operations and the guide",
  results: (query, count) => `${count} ${count === 1 ? "result" : "results"} for “${query}”`,
  nothing: "Nothing matches. Try a word of the address, such as “webhooks”, or an event's name.",
  language: "Language",
  pages: "Pages",
  onThisPage: "On this page",
  tryIt: "Try it",
  tryWarning: "What you send here is done: messages leave, devices are logged out.",
  needsScript: "This page needs JavaScript. The API reference does not.",
  link: "Link to this operation",
  parameters: "Parameters",
  body: "Body",
  answers: "Answers",
  field: "Field",
  type: "Type",
  required: "required",
  optional: "optional",
  meaning: "Meaning",
  needsKey: (header) => `Needs a key, in ${header}`,
  needsNoKey: "Needs no key",
  example: "Example",
  operations: (count) => `${count} ${count === 1 ? "operation" : "operations"}`,
  whenItComes: "When it comes",
  whatToDo: "What to do",
  fields: "Fields",
  fieldsOfDevice: "Of the default format, `device`.",
  names: "Names in each format",
  notIn: "not in this format",
  examples: "Examples",
  kind: "Kind",
  format: "Format",
  headers: "Headers of the request",
  eventGroups: {
    messages: "Messages",
    devices: "Devices",
    calls: "Calls",
    groups: "Groups",
    people: "People",
    files: "Files",
    webhooks: "Webhooks",
  },
  notFound: "There is no such page",
  notFoundSub: "It may have had another name in an older version. Search for it, or go on from here.",
  englishOnly: "",
  welcome: "What do you want to do?",
  welcomeSub:
    "Kabar keeps WhatsApp numbers connected and gets every event to your program: signed, retried, in order.",
  machines: "For programs",
  dashboard: "Dashboard",
  alerts: "alert rules",
};

const id: Words = {
  docs: "Dokumentasi",
  skip: "Langsung ke isi",
  start: "Mulai",
  guide: "Panduan",
  events: "Katalog peristiwa",
  reference: "Referensi API",
  search: "Cari",
  searchFor: "Cari peristiwa, operasi, dan panduan",
  results: (query, count) => `${count} hasil untuk “${query}”`,
  nothing: "Tidak ada yang cocok. Coba satu kata dari alamatnya, misalnya “webhooks”, atau nama peristiwa.",
  language: "Bahasa",
  pages: "Halaman",
  onThisPage: "Di halaman ini",
  tryIt: "Coba langsung",
  tryWarning: "Yang dikirim dari sini benar-benar dijalankan: pesan terkirim, perangkat dikeluarkan.",
  needsScript: "Halaman ini perlu JavaScript. Referensi API tidak.",
  link: "Tautan ke operasi ini",
  parameters: "Parameter",
  body: "Isi",
  answers: "Respons",
  field: "Kolom",
  type: "Jenis",
  required: "wajib",
  optional: "opsional",
  meaning: "Arti",
  needsKey: (header) => `Perlu kunci, di ${header}`,
  needsNoKey: "Tidak perlu kunci",
  example: "Contoh",
  operations: (count) => `${count} operasi`,
  whenItComes: "Kapan datang",
  whatToDo: "Apa yang dilakukan",
  fields: "Kolom",
  fieldsOfDevice: "Dari format bawaan, `device`.",
  names: "Nama di tiap format",
  notIn: "tidak ada di format ini",
  examples: "Contoh",
  kind: "Jenis",
  format: "Format",
  headers: "Header permintaan",
  eventGroups: {
    messages: "Pesan",
    devices: "Perangkat",
    calls: "Panggilan",
    groups: "Grup",
    people: "Orang",
    files: "Berkas",
    webhooks: "Webhook",
  },
  notFound: "Halaman tidak ditemukan",
  notFoundSub: "Mungkin namanya berbeda di versi lama. Cari, atau lanjutkan dari sini.",
  englishOnly: "Bagian ini dalam bahasa Inggris.",
  welcome: "Apa yang ingin Anda lakukan?",
  welcomeSub:
    "Kabar menjaga nomor WhatsApp tetap terhubung dan menyampaikan setiap peristiwa ke program Anda: ditandatangani, " +
    "dicoba lagi, dan urut.",
  machines: "Untuk program",
  dashboard: "Dasbor",
  alerts: "aturan peringatan",
};

export const WORDS: Readonly<Record<Language, Words>> = { en, id };

/** The language that was asked for by `?lang=`, a cookie, or the browser. */
export function languageOf(
  asked: string | undefined,
  cookie: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  for (const wanted of [asked, cookie]) if (wanted === "en" || wanted === "id") return wanted;
  return /^(id|in|ms)\b/i.test(acceptLanguage ?? "") ? "id" : "en";
}
