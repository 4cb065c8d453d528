import type { Pairs } from "./words.ts";

/** Those who want no more blasts, and the words by which they say so. */
export const optOuts = {
  sub: [
    "No blast reaches these people. They write a word, or you enter them.",
    "Pesan massal tidak dikirim ke orang-orang ini. Mereka menulis satu kata, atau Anda memasukkannya.",
  ],
  emptyTitle: ["Nobody opted out", "Belum ada yang berhenti"],
  empty: [
    "Whoever answers with one of the words below stands here, and gets no blast any more.",
    "Siapa pun yang membalas dengan salah satu kata di bawah tercatat di sini dan tidak menerima pesan massal lagi.",
  ],
  person: ["Phone number", "Nomor telepon"],
  reason: ["Why", "Alasan"],
  reasonHint: ["Optional, for your colleagues.", "Opsional, untuk rekan Anda."],
  source: ["Said by", "Dari"],
  byMessage: ["themselves", "orangnya sendiri"],
  byApi: ["entered", "dimasukkan"],
  since: ["Since", "Sejak"],
  remove: ["Take off", "Hapus dari daftar"],
  enter: ["Enter somebody", "Masukkan seseorang"],
  enterDo: ["Enter", "Masukkan"],
  look: ["Is somebody on the list?", "Apakah seseorang ada di daftar?"],
  onList: [
    (who: string, since: string) => `${who} is on the list, since ${since}.`,
    (who: string, since: string) => `${who} ada di daftar, sejak ${since}.`,
  ],
  notOnList: [
    (who: string) => `${who} is not on the list: blasts reach them.`,
    (who: string) => `${who} tidak ada di daftar: pesan massal sampai kepadanya.`,
  ],
  badPerson: [
    "That is no phone number of a person. Write it with the country code, such as +62 812 3456 789.",
    "Itu bukan nomor telepon seseorang. Tulis dengan kode negara, misalnya +62 812 3456 789.",
  ],
  reasonLong: ["At most 200 characters.", "Paling banyak 200 karakter."],
  didAdd: [
    (who: string) => `${who} gets no more blasts.`,
    (who: string) => `${who} tidak menerima pesan massal lagi.`,
  ],
  wasThere: [
    (who: string) => `${who} was on the list already.`,
    (who: string) => `${who} sudah ada di daftar.`,
  ],
  didRemove: [
    (who: string) => `Blasts reach ${who} again.`,
    (who: string) => `Pesan massal sampai ke ${who} lagi.`,
  ],
  words: ["Words and answers", "Kata dan jawaban"],
  wordsWhy: [
    "A message counts when it is one of the words and nothing else; capitals and signs do not matter.",
    "Pesan dihitung bila hanya berisi salah satu kata; huruf besar dan tanda baca tidak berpengaruh.",
  ],
  stopWords: ["Words that opt out", "Kata untuk berhenti"],
  startWords: ["Words that opt in again", "Kata untuk ikut lagi"],
  oneALine: [
    "One a line, at most 50. None: nothing is listened to.",
    "Satu per baris, paling banyak 50. Kosong: tidak didengarkan.",
  ],
  stopAnswer: ["Answer to who opts out", "Jawaban bagi yang berhenti"],
  startAnswer: ["Answer to who opts in", "Jawaban bagi yang ikut lagi"],
  noAnswer: ["Empty: nothing is answered.", "Kosong: tidak dijawab."],
  wordsMany: ["At most 50 words.", "Paling banyak 50 kata."],
  wordWrong: [
    (word: string) => `“${word}” must have a letter or a digit, and at most 60 characters.`,
    (word: string) => `“${word}” harus berisi huruf atau angka, paling banyak 60 karakter.`,
  ],
  wordOfBoth: [
    (word: string) => `“${word}” cannot mean both.`,
    (word: string) => `“${word}” tidak bisa berarti keduanya.`,
  ],
  answerLong: ["At most 4,096 characters.", "Paling banyak 4.096 karakter."],
  didSave: ["The words are saved.", "Kata-katanya disimpan."],
} as const satisfies Pairs;
