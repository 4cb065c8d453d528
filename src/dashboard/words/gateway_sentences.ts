import type { Lang } from "./words.ts";

/**
 * What the gateway says of failures, in Indonesian: these sentences come out of its logs, API and database in English.
 * A text may hold several, and codes and names between them.
 */
const SENTENCES: readonly (readonly [en: string, id: string])[] = [
  // requests to webhooks
  ["Connection timeout", "Waktu koneksi habis"],
  ["Response timeout", "Waktu tunggu respons habis"],
  ["Connection refused", "Koneksi ditolak"],
  ["Connection reset", "Koneksi terputus"],
  ["Connection closed before the answer was complete", "Koneksi ditutup sebelum respons lengkap"],
  ["Connection closed before an answer came", "Koneksi ditutup sebelum ada respons"],
  ["Connection failed", "Koneksi gagal"],
  ["Host unreachable", "Host tidak terjangkau"],
  ["Name not found", "Nama host tidak ditemukan"],
  ["Name cannot be resolved now", "Nama host belum bisa dicari sekarang"],
  ["Answer is not HTTP", "Respons bukan HTTP"],
  ["Answer's headers are too large", "Header respons terlalu besar"],
  ["Request cannot be sent", "Permintaan tidak bisa dikirim"],
  ["Stopped before an answer came", "Dihentikan sebelum ada respons"],
  ["Stopped before it was sent", "Dihentikan sebelum dikirim"],
  ["Event cannot be written", "Peristiwa tidak bisa ditulis"],
  ["is not followed", "tidak diikuti"],
  // messages
  ["WhatsApp could not read the message", "WhatsApp tidak bisa membaca pesannya"],
  [
    "The device is not allowed to send; link it again",
    "Perangkat tidak diizinkan mengirim; tautkan lagi",
  ],
  [
    "The device may not write in this chat: it is not a member, or is blocked",
    "Perangkat tidak boleh menulis di percakapan ini: bukan anggota, atau diblokir",
  ],
  ["The chat or the recipient does not exist", "Percakapan atau penerimanya tidak ada"],
  [
    "This kind of message is not allowed in this chat",
    "Jenis pesan ini tidak diizinkan di percakapan ini",
  ],
  ["WhatsApp took too long", "WhatsApp terlalu lama"],
  [
    "The device may not write in this group: only admins may, or it is a community and none of its groups",
    "Perangkat tidak boleh menulis di grup ini: hanya admin, atau ini komunitas dan bukan salah satu grupnya",
  ],
  [
    "How the group addresses its members has changed since the message was made",
    "Cara grup ini mengalamatkan anggotanya berubah sejak pesan dibuat",
  ],
  [
    "The connection to WhatsApp was lost before the message was confirmed",
    "Koneksi ke WhatsApp terputus sebelum pesan dikonfirmasi",
  ],
  ["The connection to WhatsApp was lost", "Koneksi ke WhatsApp terputus"],
  ["Too many messages; send slower", "Terlalu banyak pesan; kirim lebih pelan"],
  [
    "WhatsApp lets this account write only to people it has written with before (reach-out time lock). " +
    "Stop sending to new people for a while; each try makes it longer",
    "WhatsApp hanya mengizinkan akun ini menulis kepada orang yang pernah berkirim pesan dengannya (reach-out time lock). " +
    "Berhentilah mengirim ke orang baru sementara waktu; setiap percobaan memperpanjangnya",
  ],
  [
    "This account has begun as many new chats as WhatsApp allows it in a month; " +
    "it can still write to people it has written with before",
    "Akun ini sudah memulai obrolan baru sebanyak yang diizinkan WhatsApp dalam sebulan; " +
    "ke orang yang pernah berkirim pesan dengannya tetap bisa",
  ],
  [
    "WhatsApp did not accept the message: the recipient's devices have changed",
    "WhatsApp tidak menerima pesan: perangkat penerima berubah",
  ],
  ["WhatsApp had an internal error", "WhatsApp mengalami kesalahan internal"],
  ["WhatsApp is not available right now", "WhatsApp sedang tidak tersedia"],
  ["WhatsApp refused the message", "WhatsApp menolak pesannya"],
  ["This number is not on WhatsApp", "Nomor ini tidak memakai WhatsApp"],
  ["WhatsApp does not know this LID", "WhatsApp tidak mengenal LID ini"],
  ["WhatsApp did not confirm the message within", "WhatsApp tidak mengonfirmasi pesan dalam"],
  [
    "The device was removed before the message was sent",
    "Perangkat dihapus sebelum pesan dikirim",
  ],
  [
    "The device was linked with another number before the message was sent",
    "Perangkat ditautkan dengan nomor lain sebelum pesan dikirim",
  ],
  ["It has no WhatsApp id", "Tidak ada id WhatsApp"],
  ["Delivery failed", "Pengiriman gagal"],
  ["WhatsApp did not take it", "WhatsApp tidak menerimanya"],
  ["WhatsApp could not deliver it", "WhatsApp tidak bisa menyampaikannya"],
  [
    "This person asked for no more messages of this kind",
    "Orang ini meminta berhenti menerima pesan semacam ini",
  ],
  // blasts
  ["Paused by its owner", "Dijeda pemiliknya"],
  ["Cancelled by its owner", "Dibatalkan pemiliknya"],
  ["WhatsApp restricts device", "WhatsApp membatasi perangkat"],
  [
    "The tenant is suspended; once it is active again, resume the blast",
    "Tenant ditangguhkan; setelah aktif lagi, lanjutkan pesan massalnya",
  ],
  [
    "Its time came while the tenant was suspended; once it is active again, resume the blast",
    "Waktunya tiba saat tenant ditangguhkan; setelah aktif lagi, lanjutkan pesan massalnya",
  ],
  [
    "Qiscus is not configured any more: set QISCUS_…, then resume the blast",
    "Qiscus tidak diatur lagi: atur QISCUS_…, lalu lanjutkan pesan massalnya",
  ],
  ["Qiscus takes no messages", "Qiscus tidak menerima pesan"],
  ['device "', 'perangkat "'],
  ['" is offline', '" tidak terhubung'],
  ['" is failed', '" dihentikan sampai dimulai lagi'],
  ['" is needs_pairing', '" belum tertaut'],
  ['" was removed', '" dihapus'],
  // devices
  [
    "Link it again: start the device and scan a new QR code with WhatsApp on the phone",
    "Tautkan lagi: mulai perangkat lalu pindai kode QR baru dengan WhatsApp di ponsel",
  ],
  [
    "Logged out here, but WhatsApp could not be reached: the phone still lists the device. Remove it there, " +
    "under Linked devices",
    "Sudah keluar di sini, tetapi WhatsApp tidak terjangkau: ponsel masih mencantumkan perangkat. Hapus di sana, " +
    "di Perangkat tertaut",
  ],
  [
    "The device was unlinked from the phone, or logged out",
    "Tautan perangkat diputus dari ponsel, atau sudah keluar",
  ],
  [
    "WhatsApp has banned this number for a while. Open WhatsApp on the phone to see until when; " +
    "start the device again after that, and send less",
    "WhatsApp memblokir nomor ini sementara. Buka WhatsApp di ponsel untuk melihat sampai kapan; " +
    "mulai lagi perangkat setelah itu, dan kirim lebih sedikit",
  ],
  [
    "WhatsApp has blocked this account. Open WhatsApp on the phone and ask for a review; " +
    "start the device again when it works there",
    "WhatsApp memblokir akun ini. Buka WhatsApp di ponsel dan minta peninjauan; " +
    "mulai lagi perangkat setelah berfungsi di sana",
  ],
  [
    "WhatsApp no longer accepts this version of the client. Update Kabar, then start the device again",
    "WhatsApp tidak lagi menerima versi klien ini. Perbarui Kabar, lalu mulai lagi perangkat",
  ],
  [
    "WhatsApp has banned this number. Open WhatsApp on the phone and ask for a review",
    "WhatsApp memblokir nomor ini. Buka WhatsApp di ponsel dan minta peninjauan",
  ],
  [
    "WhatsApp does not accept this client. Update Kabar, then start the device again",
    "WhatsApp tidak menerima klien ini. Perbarui Kabar, lalu mulai lagi perangkat",
  ],
  [
    "The phone's WhatsApp is too old for linked devices. Update it",
    "WhatsApp di ponsel terlalu lama untuk perangkat tertaut. Perbarui",
  ],
  [
    "Another program connected with this device's keys. Stop that one, then start the device again",
    "Program lain terhubung dengan kunci perangkat ini. Hentikan program itu, lalu mulai lagi perangkat",
  ],
  [
    "WhatsApp asked for a new connection, as it does after pairing",
    "WhatsApp meminta koneksi baru, seperti biasa setelah ditautkan",
  ],
  ["WhatsApp did not answer in time", "WhatsApp tidak menjawab pada waktunya"],
  ["The connection to WhatsApp was closed", "Koneksi ke WhatsApp ditutup"],
  ["WhatsApp asks to connect less often", "WhatsApp meminta agar lebih jarang terhubung"],
  ["WhatsApp reported an error on this connection", "WhatsApp melaporkan kesalahan pada koneksi ini"],
  [
    "Nobody scanned the QR code or typed the pairing code in time. Start the device again to get a new one",
    "Tidak ada yang memindai kode QR atau mengetik kode pada waktunya. Mulai lagi perangkat untuk mendapat yang baru",
  ],
  ["WhatsApp cannot be reached", "WhatsApp tidak terjangkau"],
  ["WhatsApp has banned this number until", "WhatsApp memblokir nomor ini sampai"],
  [
    "The gateway connects again then by itself; send less after that",
    "Gateway terhubung lagi sendiri setelah itu; kirim lebih sedikit sesudahnya",
  ],
  ["WhatsApp refused the login", "WhatsApp menolak login"],
  ["The gateway connects again by itself", "Gateway terhubung lagi sendiri"],
  ["WhatsApp refuses the login of this device", "WhatsApp menolak login perangkat ini"],
  ["times in a row", "kali berturut-turut"],
  [
    "Update Kabar; if that does not help, log the device out and link it again",
    "Perbarui Kabar; bila tidak membantu, keluarkan perangkat lalu tautkan lagi",
  ],
  ["Sending got stuck in this session", "Pengiriman macet di sesi ini"],
  ["WhatsApp refused the connection with", "WhatsApp menolak koneksi dengan"],
  [
    "WhatsApp asks this account for a passkey when a device is linked, which Kabar cannot answer: that takes a " +
    "browser in which the passkey's owner confirms it. Neither a new QR code nor a pairing code passes it; use a " +
    "number without this requirement",
    "WhatsApp meminta passkey dari akun ini saat perangkat ditautkan, dan Kabar tidak bisa menjawabnya: perlu peramban " +
    "tempat pemilik passkey mengonfirmasi. Kode QR maupun kode ketik baru tidak melewatinya; pakai nomor tanpa syarat ini",
  ],
  ["The device was stopped", "Perangkat dihentikan"],
  ["The session was not opened", "Sesi tidak dibuka"],
  ["The device was removed", "Perangkat dihapus"],
];

/** The longest first: some begin with others. */
const LONGEST_FIRST = SENTENCES.toSorted(([a], [b]) => b.length - a.length);

/** A text of the gateway in a reader's language; what it does not know stays as it is. */
export function saidIn(text: string, lang: Lang): string {
  if (lang === "en") return text;
  return LONGEST_FIRST.reduce(
    (said, [en, id]) => said.includes(en) ? said.replaceAll(en, () => id) : said,
    text,
  );
}
