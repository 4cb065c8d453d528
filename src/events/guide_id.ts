import type { EventType } from "./event.ts";
import type { EventGuide } from "./guide.ts";

/** What `EVENT_GUIDE` says, in Indonesian. Names of events, fields and values stay as programs see them. */
export const EVENT_GUIDE_ID: Readonly<Record<EventType, Omit<EventGuide, "group">>> = {
  "message.received": {
    summary: "Seseorang menulis ke salah satu nomor Anda, atau pemiliknya menulis dari ponsel.",
    when:
      "Sekali untuk setiap pesan di percakapan perangkat, juga di grup, setelah pesan tersimpan dengan aman. " +
      "Pesan yang ditulis saat gateway tidak terhubung datang ketika terhubung lagi, dengan `offline: true`. " +
      "Pesan yang isinya tidak bisa diperoleh (hanya tampil sekali di ponsel, atau tidak pernah diserahkan) " +
      "datang dengan jenis `unknown` dan sebabnya, agar seseorang bisa melihat ponselnya. Dengan pengaturan " +
      "`HISTORY_EVENTS`, riwayat yang diserahkan ponsel juga datang, dengan `backfilled: true`, tiap percakapan dari " +
      "pesan tertua.",
    whatToDo:
      "Jawab 2xx dalam 10 detik, baru bekerja. Simpan `event_id`: setelah gangguan, peristiwa yang sama bisa " +
      "datang dua kali. Abaikan `from_me: true` kecuali Anda menyalin seluruh percakapan, kalau tidak bot bicara " +
      "dengan dirinya sendiri. Untuk membalas, kirim ke `chat_id`; jangan balas yang `backfilled`. Jenis yang belum Anda kenal bukan kesalahan: " +
      "pakai `text` atau lewati pesannya.",
  },
  "message.sent": {
    summary: "Pesan yang Anda kirim lewat gateway sudah keluar.",
    when:
      "Ketika WhatsApp, atau penyedia yang dilewati pesan itu, menerima pesannya. Pesan yang diketik di ponsel " +
      "adalah `message.received` dengan `from_me: true`.",
    whatToDo:
      "Tampilkan pesan di percakapan. `message_id` adalah id dari permintaan kirim; simpan `wa_message_id` bila " +
      "orang bisa membalas, bereaksi, atau menghapusnya.",
  },
  "message.status": {
    summary: "Pesan Anda terkirim, tersampaikan, dibaca, atau gagal.",
    when:
      "Pada setiap langkah pesan keluar. `delivered` dan `read` berasal dari ponsel penerima: `read` hanya bila " +
      "penerima menyalakan laporan dibaca, dan kadang tanpa `delivered` sebelumnya. Di grup setiap anggota " +
      "dihitung, disebut di `participant`.",
    whatToDo:
      "Majukan status pesan, jangan pernah mundur: langkah yang terlambat tidak mengubah apa pun. Pada `failed` " +
      "baca `error`: nomor yang tidak memakai WhatsApp tidak akan berubah karena dicoba lagi; bila perangkat " +
      "dibatasi, berhentilah mengirim lewat perangkat itu.",
  },
  "message.edited": {
    summary: "Sebuah pesan punya teks baru.",
    when:
      "Ketika penulis mengubah pesan, yang diizinkan WhatsApp selama 15 menit. Peristiwa memuat seluruh isi baru. " +
      "Perubahan yang tidak akan dipercaya ponsel tidak diterbitkan.",
    whatToDo:
      "Ganti isi `message_id`. Bila `author` ada dan bukan `from`, perubahan itu menyebut pesan yang tidak " +
      "dikenal gateway: bandingkan penulisnya dengan catatan Anda sebelum menggantinya.",
  },
  "message.deleted": {
    summary: "Sebuah pesan dihapus untuk semua orang.",
    when:
      "Ketika penulis menghapus pesan untuk semua orang, atau admin menghapus pesan orang lain di grup. " +
      "Penghapusan untuk diri sendiri tidak diberitahukan WhatsApp.",
    whatToDo: "Tandai `message_id` sebagai dihapus. `from` yang menghapus, `author` pemilik pesannya.",
  },
  "message.reaction": {
    summary: "Seseorang memberi emoji pada pesan, atau menariknya lagi.",
    when:
      "Pada setiap reaksi terhadap pesan di percakapan perangkat. `emoji` kosong berarti reaksi ditarik. " +
      "Seseorang punya paling banyak satu reaksi pada satu pesan.",
    whatToDo: "Simpan `emoji` terakhir tiap orang untuk `message_id`.",
  },

  "device.qr": {
    summary: "Kode QR baru siap dipindai.",
    when: "Selama perangkat ditautkan, kira-kira tiap 20 detik, sampai kode dipindai atau gateway menyerah.",
    whatToDo:
      "Gambar `qr` sebagai kode QR, hitam di atas putih, dan ganti saat yang berikutnya datang: yang lama tidak " +
      "berlaku lagi.",
  },
  "device.connecting": {
    summary: "Perangkat sedang menghubungkan diri ke WhatsApp.",
    when: "Ketika koneksi dibuat: saat mulai, setelah terputus, dan selama percakapan diselaraskan.",
    whatToDo: "Tidak ada, kecuali Anda menampilkan keadaan perangkat.",
  },
  "device.authenticated": {
    summary: "Ponsel menerima tautannya.",
    when: "Ketika server WhatsApp lain melaporkan bahwa sesinya sudah diautentikasi, sebelum siap.",
    whatToDo: "Hilangkan kode QR; `ready` menyusul.",
  },
  "device.connected": {
    summary: "Perangkat terhubung.",
    when:
      "Ketika perangkat bisa mengirim dan menerima: setelah ditautkan, saat mulai, dan tiap terhubung lagi.",
    whatToDo:
      "Tampilkan perangkat sebagai terhubung, dengan nomornya. Pesan yang menunggunya keluar dengan sendirinya.",
  },
  "device.disconnected": {
    summary: "Saluran putus; sebabnya menyatakan apakah Anda harus bertindak.",
    when:
      "Ketika koneksi berakhir: dikeluarkan di ponsel, diganti sesi lain, ditolak, hilang, atau dihentikan oleh " +
      "Anda.",
    whatToDo:
      "Dengan `final: false` tunggu: gateway menghubungkan lagi dengan sendirinya. Dengan `final: true` tampilkan " +
      "`message` kepada operator; biasanya perangkat harus ditautkan lagi.",
  },
  "device.unstable": {
    summary: "Perangkat berulang kali terhubung dan putus.",
    when: "Ketika perangkat kehilangan koneksi beberapa kali dalam beberapa menit.",
    whatToDo: "Periksa ponsel dan jaringan gateway. Mungkin program lain memakai sesi yang sama.",
  },
  "device.proxy_failed": {
    summary: "Perangkat tidak bisa terhubung lewat proksinya.",
    when:
      "Ketika proksi tidak terjangkau, menolak kata sandi, atau tidak meneruskan sambungan; sekali, sampai proksi " +
      "berfungsi lagi.",
    whatToDo:
      "Periksa proksi, atau beri perangkat proksi lain. Gateway mencoba lagi sendiri, dan tidak pernah " +
      "terhubung tanpa proksi.",
  },
  "device.state": {
    summary: "Server lain melaporkan keadaan dengan katanya sendiri.",
    when: "Ketika server WhatsApp lain mengirim perubahan keadaan yang bukan salah satu dari yang lain.",
    whatToDo: "Tidak ada, kecuali Anda mengenal kata-kata server itu.",
  },

  "call.received": {
    summary: "Seseorang menelepon salah satu nomor Anda.",
    when: "Selama berdering; dengan `offline: true` bila panggilan dibuat saat gateway tidak terhubung.",
    whatToDo:
      "Tulis kepada penelepon bila tidak ada yang menjawab panggilan di nomor ini. `call_id` menyebut panggilan " +
      "di `call.ended`.",
  },
  "call.ended": {
    summary: "Panggilan dijawab di tempat lain, ditolak, tak terjawab, atau berakhir.",
    when: "Sekali untuk setiap panggilan yang dilaporkan `call.received`, ketika tidak berdering lagi.",
    whatToDo: "Tutup panggilan yang Anda tampilkan dengan `call_id`.",
  },

  "group.created": {
    summary: "Sebuah grup dibuat dengan salah satu nomor Anda di dalamnya.",
    when: "Ketika seseorang membuat grup yang memuat perangkat, atau menambahkan perangkat ke grup.",
    whatToDo: "Tambahkan grup ke daftar percakapan Anda.",
  },
  "group.join": {
    summary: "Orang bergabung ke grup.",
    when:
      "Ketika anggota ditambahkan, atau datang lewat tautan undangan. `added_by` null bila tidak ada yang " +
      "menambahkan.",
    whatToDo: "Tambahkan `participants` ke grup; sambut mereka, bila itu tugas bot Anda.",
  },
  "group.leave": {
    summary: "Orang keluar dari grup, atau dikeluarkan.",
    when:
      "Ketika anggota keluar atau admin mengeluarkannya. `removed_by` null bila mereka keluar dengan sendirinya.",
    whatToDo:
      "Hapus `participants` dari grup. Bila nomor Anda sendiri ada di antaranya, perangkat tidak bisa membaca " +
      "atau menulis di sana lagi.",
  },
  "group.promote": {
    summary: "Anggota menjadi admin.",
    when: "Ketika admin menjadikan orang lain admin.",
    whatToDo: "Tandai `participants` sebagai admin.",
  },
  "group.demote": {
    summary: "Admin menjadi anggota biasa.",
    when: "Ketika admin mengambil peran itu dari orang lain.",
    whatToDo: "Tandai `participants` sebagai anggota.",
  },
  "group.updated": {
    summary: "Pengaturan sebuah grup berubah.",
    when:
      "Ketika seseorang mengubah subjek, deskripsi, gambar, tautan undangan, atau pengaturan grup; satu peristiwa " +
      "untuk setiap perubahan, disebut di `change`.",
    whatToDo:
      "Simpan `value` pada `change`. Dengan `announce: true` hanya admin yang bisa menulis: kiriman anggota biasa " +
      "gagal.",
  },
  "group.deleted": {
    summary: "Sebuah grup tidak ada lagi.",
    when: "Ketika WhatsApp memberi tahu anggota bahwa grup dihapus.",
    whatToDo: "Tutup percakapan: tidak ada yang bisa dikirim ke sana lagi.",
  },
  "group.join_request": {
    summary: "Orang minta masuk ke grup.",
    when:
      "Ketika seseorang minta bergabung ke grup yang menyetujui anggotanya, menarik permintaan, atau ditolak " +
      "admin. Hanya admin yang diberi tahu.",
    whatToDo:
      "Tampilkan permintaan kepada admin selama `state` adalah `requested`; yang diterima masuk datang sebagai " +
      "`group.join`.",
  },

  "contact.updated": {
    summary: "Sebuah kontak punya nama atau gambar baru.",
    when: "Ketika WhatsApp melaporkan bahwa nama atau gambar seseorang berubah.",
    whatToDo: "Perbarui yang Anda tampilkan; ambil gambarnya lagi bila `picture_changed` true.",
  },
  "presence.updated": {
    summary: "Seseorang sedang online, menulis, atau merekam.",
    when:
      "Untuk percakapan yang kehadirannya dilanggani perangkat. WhatsApp mengirimnya hanya selama perangkat " +
      "sendiri tampil online.",
    whatToDo: "Tampilkan beberapa detik. Ini bukan tanda terima, dan bisa berhenti tanpa kata terakhir.",
  },
  "chat.updated": {
    summary: "Seseorang mengatur kapan pesan sebuah percakapan menghilang.",
    when:
      "Ketika salah satu dari dua orang dalam percakapan mengatur waktunya, juga pemilik di ponsel. Grup " +
      "menyampaikannya di `group.updated`.",
    whatToDo:
      "Untuk yang Anda kirim tidak ada: jawaban menghilang dengan sendirinya. Salin yang harus disimpan sebelum " +
      "`value` detik berlalu; 0 berarti pesan tetap ada.",
  },
  "contact.opted_out": {
    summary: "Seseorang tidak mau menerima blast lagi.",
    when:
      "Ketika orang yang belum ada di daftar opt-out menulis salah satu kata berhenti Anda, dan tidak ada yang lain.",
    whatToDo:
      "Untuk blast tidak ada: blast tidak dikirim lagi kepadanya. Lakukan hal yang sama di daftar Anda sendiri.",
  },
  "contact.opted_in": {
    summary: "Seseorang mau menerima blast lagi.",
    when:
      "Ketika orang yang ada di daftar opt-out menulis salah satu kata mulai Anda, dan tidak ada yang lain.",
    whatToDo:
      "Untuk blast tidak ada: blast dikirim lagi kepadanya. Lakukan hal yang sama di daftar Anda sendiri.",
  },
  "identity.resolved": {
    summary: "Identitas tersembunyi ternyata sebuah nomor telepon.",
    when: "Ketika gateway mengetahui nomor di balik sebuah LID (alamat yang berakhir dengan `@lid`).",
    whatToDo: "Gabungkan yang Anda simpan pada `lid` dengan yang ada pada nomor itu.",
  },
  "identity.changed": {
    summary: "Seseorang mengganti nomor teleponnya.",
    when:
      "Ketika WhatsApp menyatakan bahwa seseorang pindah ke nomor lain, di grup atau kepada semua kontak.",
    whatToDo: "Simpan `previous_id` pada `contact_id`: orangnya sama. Jangan mengirim ke nomor lama lagi.",
  },

  "media.received": {
    summary: "Server lain menerima sebuah berkas.",
    when: "Ketika server WhatsApp lain mengirim berkas terpisah dari pesannya, biasanya tepat sesudahnya.",
    whatToDo:
      "Ambil dari `url` dalam satu hari: itulah berkas dari pesan `message_id`. Tanpa `url`, server itu tidak mengirim " +
      "isinya.",
  },
  "media.uploaded": {
    summary: "Server lain mengunggah sebuah berkas.",
    when: "Ketika server WhatsApp lain melaporkan bahwa berkas Anda terunggah.",
    whatToDo: "Tidak ada, kecuali Anda bekerja dengan berkas server itu.",
  },

  "webhook.test": {
    summary: "Uji coba yang Anda minta.",
    when:
      "Hanya ketika uji coba dikirim ke webhook ini: `POST /v1/webhooks/:id/test`. Satu permintaan, tidak pernah " +
      "diulang.",
    whatToDo: "Jawab 2xx. Periksa tanda tangan seperti pada peristiwa lain.",
  },
  "webhook.failing": {
    summary: "Webhook Anda yang lain berhenti menjawab.",
    when:
      "Ketika permintaan ke satu webhook gagal berulang kali. Dikirim ke webhook Anda yang lain, tidak pernah ke " +
      "yang gagal.",
    whatToDo:
      "Beri tahu pengelola endpoint. Tidak ada yang hilang: peristiwa menunggu dan dikirim begitu ia menjawab.",
  },
  "webhook.disabled": {
    summary: "Webhook lain dinonaktifkan.",
    when: "Ketika sebuah endpoint menjawab 410 Gone.",
    whatToDo:
      "Perbaiki endpoint atau hapus webhook. Webhook nonaktif tidak menerima peristiwa baru sampai diaktifkan.",
  },
  "webhook.recovered": {
    summary: "Webhook yang gagal menjawab lagi.",
    when: "Ketika endpoint yang tadinya gagal menerima peristiwa lagi.",
    whatToDo: "Tutup peringatan; yang menunggu dikirim berurutan, dengan sendirinya.",
  },
  "alert.messages_failed": {
    summary: "Lebih banyak pesan gagal daripada yang Anda izinkan.",
    when:
      "Ketika dalam satu jam lebih banyak pesan gagal daripada yang diizinkan setelan `ALERT_FAILED_PER_HOUR`.",
    whatToDo:
      "Lihat galat pesan gagal terakhir sebelum mengirim lagi: nomor yang dibatasi makin parah bila terus dicoba.",
  },
  "custom": {
    summary: "Peristiwa buatan Anda sendiri.",
    when:
      "Hanya ketika Anda mengirimnya: `POST /api/webhook/send`. Keluar dengan nama dan data yang Anda berikan.",
    whatToDo: "Apa pun yang Anda sepakati dengan penerimanya.",
  },
};
