import type { Pairs } from "./words.ts";

const THINGS: Readonly<Record<string, string>> = {
  page: "halaman",
  device: "perangkat",
  webhook: "webhook",
  delivery: "pengiriman",
  event: "peristiwa",
  message: "pesan",
  template: "templat",
  blast: "pesan massal",
  session: "sesi",
  tenant: "tenant",
  "opt-out": "nomor yang berhenti:",
  key: "kunci",
  replay: "kirim ulang",
};

/** Sign-in, and pages that tell of trouble. */
export const door = {
  signIn: ["Sign in", "Masuk"],
  with: [
    "With the key that your programs use too. It stays on this gateway; the browser keeps only a session.",
    "Dengan kunci yang juga dipakai program Anda. Kunci tetap di gateway ini; peramban hanya menyimpan sesi.",
  ],
  key: ["API key", "Kunci API"],
  showKey: ["Show the key", "Tampilkan kunci"],
  where: ["Where is my key?", "Di mana kunci saya?"],
  wherePrinted: [
    "The first start printed it once, above the gateway’s address. Lost? On the gateway’s machine",
    "Tercetak sekali saat pertama dijalankan, di atas alamat gateway. Hilang? Di mesin gateway",
  ],
  whereMakes: [
    "makes another. The master key signs in here as well and sees all tenants.",
    "membuat yang baru. Kunci induk juga bisa masuk di sini dan melihat semua tenant.",
  ],
  promise: [
    "Every message gets to your application. You can see that it did.",
    "Setiap pesan sampai ke aplikasi Anda. Dan Anda bisa melihatnya.",
  ],
  empty: ["Type or paste the key.", "Ketik atau tempel kuncinya."],
  unknown: ["This key is not known here.", "Kunci ini tidak dikenal di sini."],
  unknownCut: [
    (n: number) =>
      `This key is not known here. It begins with kbr_ and has 47 characters; this one has ${n}. ` +
      "Was it cut off when it was copied?",
    (n: number) =>
      `Kunci ini tidak dikenal di sini. Kunci diawali kbr_ dan terdiri dari 47 karakter; yang ini ${n}. ` +
      "Apakah terpotong saat disalin?",
  ],
  suspended: [
    "The tenant of this key is suspended. Ask whoever runs this gateway.",
    "Tenant pemilik kunci ini ditangguhkan. Hubungi pengelola gateway ini.",
  ],
  wait: [
    (s: number) => `Too many wrong keys. Try again in ${s} s.`,
    (s: number) => `Terlalu banyak kunci yang salah. Coba lagi dalam ${s} dtk.`,
  ],
  over: ["Your session is over. Sign in again.", "Sesi Anda berakhir. Silakan masuk lagi."],
  notFound: ["There is nothing here", "Tidak ada apa-apa di sini"],
  notFoundWhy: [
    (what: string) => `There is no ${what}. It was removed, or belongs to another tenant.`,
    (what: string) => `Tidak ada ${what}. Sudah dihapus, atau milik tenant lain.`,
  ],
  thing: [
    (what: string) => what,
    (what: string) => THINGS[what] ?? what,
  ],
  notFoundDo: [
    "Look whether the address was copied completely, or find it by its id.",
    "Periksa apakah alamat tersalin lengkap, atau cari dengan id-nya.",
  ],
  forged: ["This form did not come from here", "Formulir ini bukan dari sini"],
  forgedWhy: [
    "Nothing was changed. The form was sent by another site, or the page was open since an earlier session.",
    "Tidak ada yang diubah. Formulir dikirim situs lain, atau halaman terbuka sejak sesi sebelumnya.",
  ],
  forgedDo: ["Open the page again and repeat it.", "Buka lagi halamannya dan ulangi."],
  cannot: ["That cannot be done now", "Tidak bisa dilakukan sekarang"],
  broken: ["Something went wrong here", "Ada yang salah di sini"],
  brokenWhy: [
    "It is our fault, not yours. The log of the gateway tells more under this id.",
    "Ini kesalahan kami, bukan Anda. Catatan gateway menjelaskannya di bawah id ini.",
  ],
  away: ["The gateway cannot answer now", "Gateway belum bisa menjawab"],
  awayDo: ["Try again in a moment.", "Coba lagi sebentar."],
  request: ["Request", "Permintaan"],
  back: ["Back", "Kembali"],
  toHome: ["To Home", "Ke Beranda"],
} as const satisfies Pairs;
