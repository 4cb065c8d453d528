import type { Pairs } from "./words.ts";

/** Messages that people write here, and those that leave later. */
export const outgoing = {
  new: ["New message", "Pesan baru"],
  newSub: [
    "One message to one number. Many are a blast.",
    "Satu pesan ke satu nomor. Untuk banyak nomor, pakai pesan massal.",
  ],
  device: ["Through", "Lewat"],
  to: ["To", "Kepada"],
  text: ["Text", "Teks"],
  at: ["When", "Kapan"],
  atHint: [
    (zone: string) => `Empty: as soon as the device is connected. Times are of ${zone}.`,
    (zone: string) => `Kosong: begitu perangkat terhubung. Waktu menurut ${zone}.`,
  ],
  send: ["Send", "Kirim"],
  secondTo: [
    (who: string) => `A second message will go to ${who}. The first stays as it is.`,
    (who: string) => `Pesan kedua akan dikirim ke ${who}. Yang pertama tetap apa adanya.`,
  ],
  again: ["Send again…", "Kirim lagi…"],
  noDevice: ["Choose a device.", "Pilih perangkat."],
  noDevices: ["No number is linked yet", "Belum ada nomor tertaut"],
  noDevicesWhy: [
    "Messages leave through a linked number. Link one first.",
    "Pesan dikirim lewat nomor yang tertaut. Tautkan dulu.",
  ],
  badTo: [
    "That is no phone number. Write it with the country code, such as +62 812 3456 789.",
    "Itu bukan nomor telepon. Tulis dengan kode negara, misalnya +62 812 3456 789.",
  ],
  noText: ["Write 1 to 65,536 characters.", "Tulis 1 sampai 65.536 karakter."],
  atWrong: ["Choose a time after now, within a year.", "Pilih waktu setelah sekarang, dalam setahun."],
  didSend: ["It is on its way.", "Sedang dikirim."],
  didSchedule: [(when: string) => `It leaves ${when}.`, (when: string) => `Dikirim ${when}.`],
  scheduled: ["Scheduled messages", "Pesan terjadwal"],
  scheduledSub: ["Those that leave later, the next one first.", "Yang dikirim nanti, yang terdekat dulu."],
  noneTitle: ["Nothing is scheduled", "Tidak ada yang terjadwal"],
  none: [
    "Messages with a time to leave stand here until they do, and can be taken back.",
    "Pesan yang punya waktu kirim ada di sini sampai dikirim, dan bisa dibatalkan.",
  ],
  leaves: ["Leaves", "Dikirim"],
  paused: ["waits for you", "menunggu Anda"],
  pausedWhy: [
    (n: string) => `${n} messages were paused while the tenant was suspended. They leave when you say so.`,
    (n: string) => `${n} pesan dijeda saat tenant ditangguhkan. Pesan dikirim bila Anda menyetujuinya.`,
  ],
  resume: ["Send them now", "Kirim sekarang"],
  didResume: [(n: string) => `${n} messages leave now.`, (n: string) => `${n} pesan dikirim sekarang.`],
  cancel: ["Do not send", "Jangan kirim"],
  didCancel: ["It will not be sent.", "Pesan tidak akan dikirim."],
} as const satisfies Pairs;
