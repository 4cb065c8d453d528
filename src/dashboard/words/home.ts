import type { Pairs } from "./words.ts";

const EN = ["", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
const ID = ["", "Satu", "Dua", "Tiga", "Empat", "Lima", "Enam", "Tujuh", "Delapan", "Sembilan"];

/** Small numbers are words at the head of a sentence. */
function counted(n: number, words: readonly string[]): string {
  return words[n] ?? String(n);
}

/** The first page: the verdict, what needs somebody, numbers, and the first steps. */
export const home = {
  allWell: ["All is well", "Semua baik"],
  needsYou: [
    (n: number) => n === 1 ? "One thing needs you" : `${counted(n, EN)} things need you`,
    (n: number) => `${counted(n, ID)} hal perlu Anda`,
  ],
  sub: [
    (day: string, time: string, zone: string) => `${day}, ${time} in ${zone}.`,
    (day: string, time: string, zone: string) => `${day}, ${time} di ${zone}.`,
  ],
  elseRuns: ["Everything else runs.", "Yang lain berjalan."],
  welcome: ["Your first message in three steps", "Pesan pertama Anda dalam tiga langkah"],
  welcomeSub: [
    "About two minutes. A phone is not needed to try it.",
    "Sekitar dua menit. Untuk mencoba, tidak perlu ponsel.",
  ],
  stepNumber: ["Link a number", "Tautkan nomor"],
  stepNumberWhy: [
    "Scan a QR code with the phone. No phone? `kabar simulate` has some.",
    "Pindai kode QR dengan ponsel. Tidak ada ponsel? `kabar simulate` punya.",
  ],
  stepNumberDo: ["Add a device", "Tambah perangkat"],
  stepWebhook: ["Say where events go", "Tentukan tujuan peristiwa"],
  stepWebhookWhy: [
    "The URL of your application, n8n or Make, and which events it gets.",
    "URL aplikasi Anda, n8n, atau Make, dan peristiwa mana yang diterima.",
  ],
  stepWebhookDo: ["Add a webhook", "Tambah webhook"],
  stepDelivered: ["See the first delivery", "Lihat pengiriman pertama"],
  stepDeliveredWhy: [
    "Write to the number, or send a test from the webhook's page.",
    "Kirim pesan ke nomor itu, atau kirim uji coba dari halaman webhook.",
  ],
  stepDeliveredDo: ["See deliveries", "Lihat pengiriman"],
  stepTestDo: ["Send a test", "Kirim uji coba"],
  stepDone: ["done", "selesai"],
  programGets: ["What your program gets", "Yang diterima program Anda"],
  answerSoon: ["Answer any 2xx within 10 s.", "Jawab dengan 2xx dalam 10 dtk."],
  allEvents: ["All events", "Semua peristiwa"],
  ownMachine: ["On your own machine", "Di komputer sendiri"],
  ownMachineWhy: [
    "No public address yet? This brings the events to a program here.",
    "Belum punya alamat publik? Ini membawa peristiwa ke program di komputer ini.",
  ],
  guideFirst: ["Guide: the first webhook", "Panduan: webhook pertama"],
  more: [(n: number) => `and ${n} more`, (n: number) => `dan ${n} lagi`],
  deviceEnded: [
    (name: string) => `${name} is not linked any more`,
    (name: string) => `${name} tidak tertaut lagi`,
  ],
  deviceEndedWhy: [
    (n: string) => `Nothing comes in. ${n} messages wait to be sent.`,
    (n: string) => `Tidak ada yang masuk. ${n} pesan menunggu dikirim.`,
  ],
  deviceReconnecting: [
    (name: string) => `${name} is reconnecting`,
    (name: string) => `${name} menghubungkan lagi`,
  ],
  webhookDisabled: [(name: string) => `${name} is disabled`, (name: string) => `${name} dinonaktifkan`],
  webhookDisabledWhy: [
    "Nothing is delivered until it is enabled again.",
    "Tidak ada pengiriman sampai diaktifkan lagi.",
  ],
  webhookFailing: [
    (name: string, code: string) => `${name} answers ${code}`,
    (name: string, code: string) => `${name} menjawab ${code}`,
  ],
  webhookSilent: [(name: string) => `${name} does not answer`, (name: string) => `${name} tidak menjawab`],
  webhookFailingWhy: [
    (n: string) => `${n} deliveries wait; nothing is lost.`,
    (n: string) => `${n} pengiriman menunggu; tidak ada yang hilang.`,
  ],
  webhookFailingOldest: [
    (n: string, age: string) => `${n} deliveries wait, the oldest for ${age}; nothing is lost.`,
    (n: string, age: string) => `${n} pengiriman menunggu, yang terlama ${age}; tidak ada yang hilang.`,
  ],
  since: [(at: string) => `Since ${at}.`, (at: string) => `Sejak ${at}.`],
  nextProbe: [(when: string) => `Next probe ${when}.`, (when: string) => `Cek berikutnya ${when}.`],
  blastPaused: [(id: string) => `Blast ${id} is paused`, (id: string) => `Pesan massal ${id} dijeda`],
  linkAgain: ["Link again", "Tautkan lagi"],
  seeResponse: ["See the response", "Lihat responsnya"],
  probeNow: ["Probe now", "Cek sekarang"],
  see: ["See it", "Lihat"],
  messagesIn: ["Messages in", "Pesan masuk"],
  messagesOut: ["Messages out", "Pesan keluar"],
  deliveries: ["Deliveries", "Pengiriman"],
  responseTime: ["Response time", "Waktu respons"],
  before: [
    (n: string, span: string) => `${n} in the ${span} before`,
    (n: string, span: string) => `${n} dalam ${span} sebelumnya`,
  ],
  firstTime: [
    (share: string) => `${share} at the first attempt`,
    (share: string) => `${share} pada percobaan pertama`,
  ],
  medianOf: [(ms: string) => `${ms} median`, (ms: string) => `median ${ms}`],
  median: [(p95: string) => `median; 95 % within ${p95}`, (p95: string) => `median; 95 % dalam ${p95}`],
  none: ["none yet", "belum ada"],
  byTime: ["a bar opens its list", "batang membuka daftarnya"],
  connectedOf: [
    (on: string, all: string) => `${on} of ${all} connected`,
    (on: string, all: string) => `${on} dari ${all} terhubung`,
  ],
  messagesToday: ["messages today", "pesan hari ini"],
  waitingCount: [(n: string) => `${n} wait`, (n: string) => `${n} menunggu`],
  noDevices: ["No number is linked yet.", "Belum ada nomor tertaut."],
  noWebhooks: ["No webhook yet.", "Belum ada webhook."],
} as const satisfies Pairs;
