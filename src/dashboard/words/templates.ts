import type { Pairs } from "./words.ts";

/** Texts that blasts fill in. */
export const templates = {
  sub: [
    "Texts with gaps that a blast fills in for each person.",
    "Teks dengan isian yang dilengkapi pesan massal untuk tiap orang.",
  ],
  new: ["New template", "Templat baru"],
  emptyTitle: ["No template yet", "Belum ada templat"],
  empty: [
    "Write a text once, with gaps such as {{name}}; blasts and programs use it by its id.",
    "Tulis teks sekali saja, dengan isian seperti {{name}}; pesan massal dan program memakainya lewat id.",
  ],
  name: ["Name", "Nama"],
  nameWrong: ["Give a name of at most 200 characters.", "Beri nama paling banyak 200 huruf."],
  id: ["Id", "Id"],
  idHint: [
    "Letters, digits, _, - and .; programs name the template by it. Empty: one is made.",
    "Huruf, angka, _, - dan .; program menyebut templat dengannya. Kosong: dibuatkan.",
  ],
  idWrong: [
    "An id has letters, digits, _, - and ., at most 100.",
    "Id terdiri dari huruf, angka, _, - dan ., paling banyak 100.",
  ],
  idTaken: [(id: string) => `There is a template ${id} already.`, (id: string) => `Templat ${id} sudah ada.`],
  type: ["What for", "Untuk apa"],
  typeHint: [
    "A word of yours, such as reminder; may be empty.",
    "Kata Anda sendiri, seperti tagihan; boleh kosong.",
  ],
  typeWrong: ["At most 50 characters.", "Paling banyak 50 huruf."],
  text: ["Text", "Teks"],
  textHint: [
    "A name between double braces is a gap: Halo {{name}}. WhatsApp’s signs *bold* and _italics_ work.",
    "Nama di antara kurung kurawal ganda adalah isian: Halo {{name}}. Tanda WhatsApp *tebal* dan _miring_ berlaku.",
  ],
  textEmpty: ["Write the text.", "Tulis teksnya."],
  textLong: ["A text has at most 65,536 characters.", "Teks paling banyak 65.536 huruf."],
  namelessGap: [
    "{{}} has no name: nobody can fill it.",
    "{{}} tidak punya nama: tidak bisa diisi siapa pun.",
  ],
  gaps: ["Gaps", "Isian"],
  noGaps: ["none: everybody gets the same", "tidak ada: semua menerima yang sama"],
  gapsFound: [
    (n: string, count: number) => count === 1 ? "1 gap found" : `${n} gaps found`,
    (n: string, _count: number) => `${n} isian ditemukan`,
  ],
  sample: ["Sample values", "Contoh isian"],
  preview: ["Preview", "Pratinjau"],
  asTheySee: ["As they see it", "Seperti yang dilihat penerima"],
  save: ["Save", "Simpan"],
  didCreate: ["The template is made.", "Templat dibuat."],
  didSave: [
    "Saved. Blasts that began keep the text that they began with.",
    "Tersimpan. Pesan massal yang sudah mulai tetap memakai teks lama.",
  ],
  didDelete: ["The template is deleted.", "Templat dihapus."],
  askDelete: [(name: string) => `Delete the template ${name}?`, (name: string) => `Hapus templat ${name}?`],
  askDeleteWhy: [
    "Programs that name its id are refused from then on.",
    "Program yang menyebut id-nya akan ditolak sejak itu.",
  ],
  usedBy: [
    (n: string) => `${n} blasts use it and keep their texts:`,
    (n: string) => `${n} pesan massal memakainya dan teksnya tetap:`,
  ],
  atQiscus: [
    "Qiscus keeps a template of its own for it: what is changed here is not changed there.",
    "Qiscus menyimpan templatnya sendiri: perubahan di sini tidak mengubah yang di sana.",
  ],
  changed: ["Changed", "Diubah"],
  blastWith: ["Blast with it", "Kirim massal dengannya"],
} as const satisfies Pairs;
