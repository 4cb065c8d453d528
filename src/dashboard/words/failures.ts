import type { Lang } from "./words.ts";

/** What a failed attempt means and what to do, by its error: the first that fits. */
const MEANINGS: readonly (readonly [error: RegExp, en: string, id: string])[] = [
  [
    /^Response timeout/,
    "The connection stood, but no response came in time. Answer at once with 2xx, and work afterwards.",
    "Koneksi terjalin, tetapi tidak ada respons pada waktunya. Jawab 2xx dulu, baru bekerja.",
  ],
  [
    /^Connection timeout/,
    "The host did not let anybody connect in time: a firewall, or the machine is off.",
    "Host tidak bisa dihubungi pada waktunya: firewall, atau mesinnya mati.",
  ],
  [
    /^Connection refused/,
    "The machine is there, but nothing listens on this port: the program is not running.",
    "Mesinnya ada, tetapi tidak ada yang mendengarkan di port ini: programnya tidak berjalan.",
  ],
  [
    /^Host unreachable/,
    "There is no way to this address from here.",
    "Tidak ada jalan ke alamat ini dari sini.",
  ],
  [
    /^Name not found/,
    "The name in the URL does not exist in DNS: look for a typing error.",
    "Nama di URL tidak ada di DNS: periksa salah ketik.",
  ],
  [
    /^Name cannot be resolved now/,
    "DNS did not answer; the name may be right.",
    "DNS tidak menjawab; namanya mungkin benar.",
  ],
  [
    /^TLS:/,
    "The connection could not be secured: the certificate has expired, names another host, or nobody vouches for it.",
    "Koneksi tidak bisa diamankan: sertifikat kedaluwarsa, untuk host lain, atau tidak ada yang menjaminnya.",
  ],
  [
    /^(?:Connection reset|Connection closed)/,
    "The receiver broke the connection before its response was complete: mostly a crash or a proxy's limit.",
    "Penerima memutus koneksi sebelum responsnya lengkap: biasanya program berhenti atau batas proxy.",
  ],
  [
    /^Redirect/,
    "The URL leads elsewhere. Redirects are not followed: enter the address that it leads to.",
    "URL mengalihkan ke tempat lain. Pengalihan tidak diikuti: pakai alamat tujuannya.",
  ],
  [
    /^Answer/,
    "What came back is not HTTP that can be read.",
    "Yang kembali bukan HTTP yang bisa dibaca.",
  ],
  [
    /leads to/,
    "The URL leads where webhooks may not go.",
    "URL mengarah ke tempat yang tidak boleh dituju webhook.",
  ],
  [
    /^HTTP 401|^HTTP 403/,
    "The receiver wants to be shown who asks: set a header of your own, or let it check the signature.",
    "Penerima meminta bukti: pasang header sendiri, atau biarkan ia memeriksa tanda tangan.",
  ],
  [
    /^HTTP 404|^HTTP 405/,
    "The host is right, but nothing takes POST requests at this path.",
    "Host-nya benar, tetapi tidak ada yang menerima POST di alamat ini.",
  ],
  [
    /^HTTP 410/,
    "The receiver wants nothing any more: 410 switches a webhook off.",
    "Penerima tidak mau apa pun lagi: 410 menonaktifkan webhook.",
  ],
  [
    /^HTTP 413/,
    "The receiver takes no body of this size.",
    "Penerima tidak menerima isi sebesar ini.",
  ],
  [
    /^HTTP 429/,
    "The receiver gets too much at once; a Retry-After in its response is kept to.",
    "Penerima mendapat terlalu banyak sekaligus; Retry-After di responsnya dituruti.",
  ],
  [
    /^HTTP 5/,
    "The receiver is in trouble itself. What it wrote is below.",
    "Penerima sendiri sedang bermasalah. Tulisannya ada di bawah.",
  ],
  [
    /^HTTP \d/,
    "The receiver took the request and refused it. What it wrote is below.",
    "Penerima menerima permintaan dan menolaknya. Tulisannya ada di bawah.",
  ],
  [
    /^Event cannot be written/,
    "The event cannot be put into this format; nothing was sent.",
    "Peristiwa tidak bisa ditulis dalam format ini; tidak ada yang dikirim.",
  ],
  [
    /^Stopped/,
    "The gateway was stopping; this says nothing about the receiver.",
    "Gateway sedang berhenti; ini tidak berarti apa pun tentang penerima.",
  ],
];

/** What an attempt's error means, in words; undefined when there is no more to say than the error does. */
export function meaningOf(error: string, lang: Lang): string | undefined {
  const found = MEANINGS.find(([pattern]) => pattern.test(error));
  return found?.[lang === "id" ? 2 : 1];
}
