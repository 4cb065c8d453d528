import { DeviceOfflineError } from "../../devices/offline.ts";
import {
  BusyError,
  ConflictError,
  type InvalidError,
  messageOf,
  type RefusalCode,
  RefusedError,
} from "../../errors.ts";
import type { InvalidSentences, InvalidWhy } from "../../invalid.ts";
import type { DeviceStatus } from "../../store/devices.ts";
import type { Lang } from "./words.ts";

/** What is wrong with a value, in Indonesian; a kind without its sentence does not type-check. */
const INVALID: InvalidSentences = {
  phone: ({ got }) => `${got} bukan nomor telepon. Tulis seperti 628123456789, +62 812-3456-789 atau 0812…`,
  phone_decimal: ({ got }) => `${got} berakhir seperti bilangan desimal. Tulis nomor lengkapnya`,
  phone_several: ({ got }) => `${got} terlihat seperti beberapa nomor. Tulis satu nomor saja`,
  phone_length: ({ got, digits }) =>
    `${got} punya ${digits} angka dengan kode negara; nomor telepon punya 7 sampai 15`,
  phone_impossible: ({ got, readAs }) => `${got} bukan nomor yang mungkin (dibaca sebagai ${readAs})`,
  phone_ambiguous: ({ got, readings: [one, other] }) =>
    `${got} bisa berarti ${one} atau ${other}. Tulis dengan tanda plus dan kode negara`,
  recipient: ({ got }) =>
    `${got} bukan nomor telepon dan bukan jid. Tulis seperti 628123456789, +62 812-3456-789, ` +
    "628123456789@s.whatsapp.net, …@lid atau …@g.us",
  url: () => "URL tidak bisa dibaca. Tulis seperti https://host/path",
  url_long: ({ most }) => `URL paling panjang ${most} karakter`,
  url_scheme: ({ got }) => `URL harus diawali http:// atau https://, bukan ${got}`,
  url_password: () => "URL tidak boleh memuat nama pengguna atau kata sandi. Kirim lewat header",
  url_placeholder: () => "URL tidak boleh memuat placeholder di host; di path boleh",
  url_own: ({ host }) => `"${host}" adalah gateway ini sendiri; URL tidak boleh mengarah ke sini`,
  url_refused: ({ host }) =>
    `"${host}" mengarah ke jaringan internal, yang tidak boleh dituju. Operator bisa mengizinkannya dengan ` +
    "pengaturan WEBHOOK_ALLOW_PRIVATE, kecuali alamat link-local dan metadata",
  url_unverified: () => "URL tidak menjawab pemeriksaan seperti yang diharapkan",
  headers_many: ({ most }) => `Paling banyak ${most} header`,
  header_name: ({ name }) => `"${name}" bukan nama header HTTP`,
  header_reserved: ({ name }) =>
    `Header "${name}" tidak bisa diatur di sini: Kabar atau proxy yang mengisinya`,
  header_twice: ({ name }) => `Header "${name}" tercantum dua kali; huruf besar dan kecil dianggap sama`,
  header_masked: ({ name }) => `Header "${name}" baru, jadi nilainya tidak bisa "***"`,
  header_value: ({ name, most }) =>
    `Nilai header "${name}" paling panjang ${most} karakter ASCII yang tercetak`,
  secret_empty: () => "Rahasia tidak boleh kosong. Kosongkan isian ini agar dibuatkan",
  secret_long: ({ most }) => `Rahasia paling panjang ${most} karakter`,
  secret_base64: () => "Setelah whsec_ rahasia harus Base64",
  events_none: () => "Pilih paling sedikit satu peristiwa",
  event_unknown: ({ got, format }) => `Format "${format}" tidak punya peristiwa ${got}`,
  devices_none: () => "Pilih paling sedikit satu perangkat, atau semua",
  device_unknown: ({ got }) => `${got} bukan perangkat Anda`,
  retry: () => "Percobaan ulang berupa nama kebijakan, atau daftar detik di atas 0 seperti 1, 5, 60",
  retry_many: ({ most }) => `Paling banyak ${most} percobaan ulang`,
  retry_long: ({ days }) => `Jeda sebelum percobaan ulang paling lama ${days} hari`,
  retry_order: () => "Jeda sebelum percobaan ulang tidak boleh lebih singkat dari jeda sebelumnya",
  timeout: ({ got }) => `Batas waktu harus 1 sampai 60 detik, bukan ${got}`,
  words: ({ most }) => `Tulis 1 sampai ${most} kata`,
  person: () => "Ini harus orang, bukan grup",
  expiry: () => "Waktu berakhir harus di masa depan",
  manage_of_some_chats: () =>
    "Kunci untuk beberapa percakapan tidak boleh punya hak manage: webhook-nya sendiri akan menerima semuanya",
  proxy: () =>
    "Proxy tidak bisa dibaca. Tulis seperti socks5://nama:sandi@host:1080 atau http://nama:sandi@host:3128",
  proxy_long: ({ most }) => `Nama pengguna dan kata sandi proxy paling panjang ${most} byte`,
  proxy_encoded: () => "Tanda khusus di nama pengguna dan kata sandi proxy harus ditulis seperti %40",
  proxy_refused: () =>
    "Proxy ini tidak boleh dipakai: alamatnya di jaringan internal, atau gateway ini sendiri",
  time_past: () => "Pilih waktu yang belum lewat",
  time_far: () => "Waktunya paling jauh setahun lagi",
  recipients_none: () => "Tulis paling sedikit satu penerima",
  recipient_field: ({ row, field }) => `Penerima ke-${row}: ${field} tidak bisa dibaca`,
  recipient_lacks: ({ row, names }) => `Penerima ke-${row} tidak punya isi untuk ${names.join(", ")}`,
  recipient_text_long: ({ row, most }) =>
    `Teks untuk penerima ke-${row} menjadi lebih panjang dari ${most} karakter`,
  recipients_refused: ({ count }) => `${count} penerima tidak bisa dipakai`,
  blast_text: () => "Pilih templat atau tulis teks sendiri, jangan dua-duanya",
  blast_channel: () => "Pesan massal hanya lewat WhatsApp",
  template_empty: ({ template }) =>
    `Templat "${template}" tidak punya teks: hanya Qiscus yang mengenalnya, jadi perangkat tidak bisa mengirimnya`,
  pace_order: () => "Jeda terpendek tidak boleh lebih panjang dari jeda terpanjang",
  delivery_pending: () => "Pengiriman ini masih menunggu; tidak perlu diulang",
  delivery_unwanted: () => "Webhook pengiriman ini dinonaktifkan atau sudah dihapus",
  test_inactive: () => "Webhook ini tidak aktif, jadi tidak bisa diuji",
  test_event: ({ format }) => `Format "${format}" tidak punya peristiwa untuk pengujian ini`,
};

/** Why something cannot be done, in Indonesian, by its code. */
const REFUSED: Readonly<Record<RefusalCode, string>> = {
  INVALID_RECIPIENT: "Penerima ini tidak bisa dipakai.",
  INVALID_MEDIA: "Berkas ini tidak bisa dikirim.",
  MEDIA_URL_REFUSED: "URL berkas ini tidak boleh dituju.",
  MEDIA_UNREACHABLE: "Berkas tidak bisa diambil dari URL-nya.",
  MEDIA_TOO_LARGE: "Berkas ini terlalu besar.",
  MEDIA_TYPE_NOT_SUPPORTED: "WhatsApp tidak menampilkan berkas jenis ini.",
  MEDIA_NOT_FOUND: "Pesan ini tidak punya berkas.",
  MEDIA_GONE: "Berkas ini sudah tidak ada di server WhatsApp.",
  NOT_ON_WHATSAPP: "Nomor ini tidak memakai WhatsApp.",
  GROUP_NOT_FOUND: "Grup ini tidak ditemukan, atau perangkat bukan anggotanya.",
  MESSAGE_NOT_FOUND: "Pesan ini tidak ditemukan.",
  CALL_NOT_FOUND: "Panggilan ini tidak ditemukan.",
  QUOTED_MESSAGE_NOT_FOUND: "Pesan yang dibalas tidak ditemukan.",
  MESSAGE_NOT_SENT_YET: "Pesan ini belum terkirim.",
  MESSAGE_TOO_OLD: "Pesan ini sudah terlalu lama untuk diubah atau dihapus.",
  NOT_YOUR_MESSAGE: "Pesan ini bukan dari perangkat Anda.",
  NOT_FORWARDABLE: "Pesan ini tidak bisa diteruskan.",
  NO_MESSAGE_KNOWN: "Belum ada pesan yang dikenal di percakapan ini.",
  NOT_SCHEDULED: "Pesan ini tidak terjadwal lagi.",
  MAY_HAVE_BEEN_SENT: "Pesan ini mungkin sudah terkirim; tidak dikirim lagi supaya tidak dua kali.",
  HISTORY_REQUEST_FINISHED: "Permintaan ini sudah selesai.",
  IDEMPOTENCY_KEY_REUSED: "Formulir ini sudah dikirim dengan isi lain. Muat ulang halamannya.",
  DEVICE_CANNOT_SEND: "Perangkat ini tidak bisa mengirim sekarang.",
  QISCUS_NOT_CONFIGURED: "Qiscus belum diatur.",
  DEVICE_ALREADY_PAIRED: "Perangkat ini sudah tertaut.",
  NO_QR: "Tidak ada kode QR sekarang.",
  NO_PAIRING_CODE: "Tidak ada kode penautan sekarang.",
  WHATSAPP_REFUSED: "WhatsApp menolak.",
  SEND_FAILED: "Pesan tidak terkirim.",
  SET_BY_ENVIRONMENT: "Ini diatur oleh environment dan tidak bisa diubah di sini.",
  DEFAULT_TENANT: "Ini tidak bisa dilakukan dengan tenant bawaan.",
  NOTHING_TO_PROBE: "Tidak ada yang menunggu untuk dicek.",
  TOO_MANY_WEBHOOKS: "Jumlah webhook sudah mencapai batas.",
  TOO_MANY_KEYS: "Jumlah kunci sudah mencapai batas.",
  KEY_HAS_LESS: "Kunci Anda sendiri tidak punya hak sebanyak ini.",
  BEHIND_PROXY: "Ini tidak bisa dilakukan lewat proxy.",
  CURSOR_TOO_OLD: "Peristiwa setelah titik ini sudah dihapus.",
};

/** What is wrong with a value, in a reader's language. */
export function invalidSays(
  { message, why }: Pick<InvalidError, "message"> & { readonly why?: InvalidWhy },
  lang: Lang,
): string {
  if (lang === "en") return message;
  if (why === undefined) return `Isian ini tidak bisa dipakai: ${message}`;
  return (INVALID[why.kind] as (facts: InvalidWhy) => string)(why);
}

/** What stands in a device's way, in Indonesian. */
const OFFLINE: Readonly<Record<DeviceStatus, string>> = {
  needs_pairing: "belum tertaut dengan ponsel; pindai dulu kode QR-nya",
  pairing: "menunggu ponsel menautkannya",
  connecting: "masih menghubungkan",
  connected: "terhubung",
  disconnected: "tidak terhubung",
  failed: "dihentikan sampai dimulai lagi",
};

/** Why something that was asked for cannot be done, in a reader's language; undefined: there are no words for it. */
export function refusalSays(error: unknown, lang: Lang): string | undefined {
  if (lang === "en") return messageOf(error);
  if (error instanceof RefusedError) return REFUSED[error.code];
  if (error instanceof DeviceOfflineError) return `Perangkat ini ${OFFLINE[error.status]}.`;
  if (error instanceof BusyError) return `Sedang terlalu sibuk. Coba lagi dalam ${error.retryAfterS} detik.`;
  if (error instanceof ConflictError) {
    return "Keadaannya sudah berubah, atau nama ini sudah dipakai. Muat ulang halamannya.";
  }
  return undefined;
}
