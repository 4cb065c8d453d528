import type { Pairs } from "./words.ts";

/** Named keys, beside the one that may do everything. */
export const keys = {
  sub: [
    "A key for each program, assistant or person, which may do no more than it needs.",
    "Satu kunci untuk tiap program, asisten, atau orang, yang tidak boleh lebih dari perlunya.",
  ],
  emptyTitle: ["Only the first key is in use", "Hanya kunci pertama yang dipakai"],
  empty: [
    "That one may do everything. Make others that may do less, and can be revoked one by one.",
    "Kunci itu boleh melakukan semuanya. Buat kunci lain yang boleh lebih sedikit dan bisa dicabut satu per satu.",
  ],
  new: ["New key", "Kunci baru"],
  name: ["For whom", "Untuk siapa"],
  nameWrong: ["Give a name of at most 100 characters.", "Beri nama paling banyak 100 huruf."],
  scopes: ["May", "Boleh"],
  scopesWrong: ["Choose at least one.", "Pilih setidaknya satu."],
  read: ["read", "membaca"],
  readWhy: [
    "look at everything but the codes that link a phone",
    "melihat semuanya kecuali kode penaut ponsel",
  ],
  send: ["send", "mengirim"],
  sendWhy: [
    "messages, blasts, reactions, edits, read receipts",
    "pesan, pesan massal, reaksi, perubahan, tanda dibaca",
  ],
  manage: ["manage", "mengelola"],
  manageWhy: ["everything else: devices, webhooks, keys", "sisanya: perangkat, webhook, kunci"],
  devices: ["Through which devices?", "Lewat perangkat mana?"],
  devicesHint: ["None chosen: all, also later ones.", "Tanpa pilihan: semua, juga yang baru."],
  allDevices: ["all devices", "semua perangkat"],
  readChats: ["Reads only these chats", "Hanya membaca percakapan ini"],
  sendChats: ["Sends only to these chats", "Hanya mengirim ke percakapan ini"],
  chatsHint: [
    "Phone numbers or addresses of groups, one a line. Empty: all.",
    "Nomor telepon atau alamat grup, satu per baris. Kosong: semua.",
  ],
  chatsWrong: [
    "Write phone numbers or addresses of groups, at most 100, one a line.",
    "Tulis nomor telepon atau alamat grup, paling banyak 100, satu per baris.",
  ],
  chatsManage: [
    "A key for some chats cannot manage: a webhook of its own would show it all.",
    "Kunci untuk beberapa percakapan tidak bisa mengelola: webhook-nya sendiri akan memperlihatkan semuanya.",
  ],
  ends: ["Counts until", "Berlaku sampai"],
  endsHint: ["Empty: until it is revoked.", "Kosong: sampai dicabut."],
  endsWrong: ["Choose a day after today.", "Pilih hari setelah hari ini."],
  never: ["no end", "tanpa akhir"],
  over: ["over since", "berakhir"],
  lastUse: ["Last use", "Terakhir dipakai"],
  unused: ["not yet", "belum"],
  made: ["Made", "Dibuat"],
  revoke: ["Revoke", "Cabut"],
  askRevoke: [(name: string) => `Revoke the key of ${name}?`, (name: string) => `Cabut kunci ${name}?`],
  askRevokeWhy: [
    "Programs that use it are refused at once, and what they had open ends.",
    "Program yang memakainya langsung ditolak, dan yang sedang terbuka berakhir.",
  ],
  didRevoke: ["The key is revoked.", "Kunci dicabut."],
  created: ["The key is made", "Kunci sudah dibuat"],
  own: ["The tenant’s own key", "Kunci tenant sendiri"],
  ownWhy: [
    "It may do everything and signs in here. It is replaced under Settings.",
    "Boleh melakukan semuanya dan dipakai untuk masuk di sini. Diganti di Pengaturan.",
  ],
} as const satisfies Pairs;
