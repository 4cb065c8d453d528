import type { Pairs } from "./words.ts";

/** Every type of event, explained. */
export const catalogue = {
  sub: [
    "Every event that a webhook can ask for: when it comes, what to do, and what it looks like.",
    "Setiap peristiwa yang bisa diminta webhook: kapan datang, apa yang dilakukan, dan bentuknya.",
  ],
  find: ["Find an event", "Cari peristiwa"],
  list: ["Events", "Peristiwa"],
  came: [
    (n: string, last: string) => `Came ${n} times in 24 hours, last ${last}.`,
    (n: string, last: string) => `Datang ${n} kali dalam 24 jam, terakhir ${last}.`,
  ],
  cameBefore: [
    (last: string) => `Last came ${last}; not in the last 24 hours.`,
    (last: string) => `Terakhir datang ${last}; tidak dalam 24 jam terakhir.`,
  ],
  never: ["It has not come here yet.", "Belum pernah datang di sini."],
  seeLive: ["See them live", "Lihat langsung"],
  today: ["24 h", "24 jam"],
  when: ["When it comes", "Kapan datang"],
  whatToDo: ["What to do", "Apa yang dilakukan"],
  example: ["Example", "Contoh"],
  moreKinds: [(n: string) => `${n} more kinds`, (n: string) => `${n} jenis lain`],
  kind: ["Kind", "Macam"],
  asFixture: ["As fixture", "Sebagai fixture"],
  subscribe: ["Subscribe", "Langgani"],
  fields: ["Fields", "Kolom"],
  ofDevice: ["of the format device", "dari format device"],
  optional: ["can be left out", "bisa tidak ada"],
  names: ["What each format calls it", "Namanya di setiap format"],
  name: ["Name", "Nama"],
  signature: ["Signature header", "Header tanda tangan"],
  forWhom: ["For", "Untuk"],
  for_device: ["new applications", "aplikasi baru"],
  for_session: ["programs written for whatsapp-web.js servers", "program untuk server whatsapp-web.js"],
  for_account: ["one number and one URL", "satu nomor dan satu URL"],
  for_instance: ["instances with logs", "instance dengan catatan"],
  for_cloud: ["programs written for Meta’s Cloud API", "program untuk Cloud API dari Meta"],
  notIn: ["not in this format", "tidak ada di format ini"],
  headers: ["Headers", "Header"],
  publicPage: ["Its page without sign-in", "Halamannya tanpa masuk"],
} as const satisfies Pairs;
