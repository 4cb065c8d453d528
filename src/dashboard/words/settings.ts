import type { SettingName } from "../../config.ts";

/** What each setting does, in Indonesian; in English `SETTINGS` says it. */
export const SETTINGS_ID: Readonly<Record<SettingName, string>> = {
  PORT: "Port tempat gateway mendengarkan.",
  HOST: "Alamat tempat gateway mendengarkan.",
  APP_URL: "Alamat publik gateway, untuk webhook yang dikirim pihak lain ke sini.",
  DATA_DIR: "Folder database (`logs.db`), pengingat percobaan ulang (`kv.db`), dan media.",
  DATABASE_URL:
    "Database Postgres (14 atau lebih baru) untuk semua yang disimpan; berapa pun gateway bisa memakainya bersama. " +
    "Tanpa ini dipakai sebuah berkas di `DATA_DIR`. Bersamanya `API_KEY` wajib diisi.",
  DATABASE_MODE:
    "`pooled` bila URL-nya menuju pooler yang membagi koneksi per transaksi, misalnya PgBouncer.",
  DATABASE_CA: "Berkas (PEM) otoritas yang menandatangani sertifikat database.",
  FILES:
    "Tempat berkas pesan sampai dikirim, dan berkas masuk setelah ada yang memintanya: di `DATA_DIR`, atau di database, " +
    "tempat setiap gateway menemukannya. Tanpa ini di database bila `DATABASE_URL` diisi, selain itu di disk. `disk` " +
    "untuk gateway yang sendirian dengan database Postgres-nya.",
  GATEWAY_NAME:
    "Nama gateway ini di antara yang memakai database Postgres yang sama. Tanpa ini dipakai nama host.",
  GATEWAY_ROLES:
    "Dengan Postgres: apa yang dikerjakan gateway ini. `http` menjawab permintaan (tanpanya hanya `/health`, `/ready`, dan " +
    "`/metrics`), `devices` memegang perangkat dan mengirim lewat Qiscus, `deliveries` mengirim yang ditinggalkan gateway " +
    "lain, mencobanya lagi, dan menjalankan kirim ulang; peristiwa sendiri tetap dikirim sendiri.",
  GATEWAY_WEIGHT:
    "Dengan Postgres: berapa banyak perangkat yang diambil gateway ini dibanding yang lain. Nilai 2 mendapat dua kali " +
    "lipat dari nilai 1.",
  LEASE_SECONDS:
    "Dengan Postgres: gateway yang tidak terdengar selama ini dianggap mati, dan perangkatnya diambil yang lain. Gateway " +
    "yang tidak bisa menjangkau database menutup koneksinya ke WhatsApp setelah tujuh persepuluhnya. Sama di semua gateway.",
  ENCRYPTION_KEY:
    "Mengenkripsi rahasia dan nilai header webhook serta kredensial WhatsApp di database. Simpan baik-baik: database " +
    "tidak terbuka dengan kunci lain.",
  LOG_DIR: "Folder `combined.log` dan `app.log`.",
  LOG_LEVEL: "Baris paling ringan yang dicatat, di berkas dan di konsol.",
  API_KEY:
    "Kunci API tenant bawaan. Tanpa ini, start pertama membuatnya dan menampilkannya sekali. Kunci di bawah 16 karakter " +
    "hanya dilayani di mesin ini, apa pun isi `HOST`; begitu juga `MASTER_KEY`.",
  API_AUTH: "`off` melayani semua orang sebagai tenant bawaan; hanya bila `HOST` adalah loopback.",
  MASTER_KEY:
    "Kunci `/admin`: apa adanya, atau SHA-256-nya dalam 64 digit heksa. Tanpa ini `/admin` tertutup.",
  WEBHOOK_URL: "Menerima setiap peristiwa dari perangkat tenant bawaan.",
  WEBHOOK_FORMAT: "Format payload untuk `WEBHOOK_URL`.",
  WEBHOOK_SECRET: "Menandatangani yang dikirim ke `WEBHOOK_URL`; bawaan: `WHATSAPP_WEBHOOK_SECRET`.",
  WEBHOOK_ALLOW_PRIVATE:
    "Apakah tenant selain yang bawaan boleh mengarahkan webhook ke alamat privat. `true` tidak mencakup mesin ini; itu " +
    "hanya bisa disebut dengan rentang alamat.",
  WEBHOOK_CONCURRENCY: "Permintaan webhook yang berjalan bersamaan.",
  WEBHOOK_RETRY_SCALE: "Mengalikan setiap jeda yang direncanakan antarpercobaan.",
  WEBHOOK_CA:
    "Berkas (PEM) otoritas sertifikat yang boleh dipakai penerima, selain yang umum dikenal; sertifikat yang menjadi " +
    "otoritasnya sendiri termasuk.",
  HTTPS_PROXY:
    "Proxy untuk webhook ke URL https, dengan CONNECT, juga sebagai `https_proxy`. Proxy mencari nama host, jadi ia yang " +
    "menentukan tujuannya.",
  NO_PROXY: "Host yang tidak lewat `HTTPS_PROXY`, juga sebagai `no_proxy`.",
  EVENT_RETENTION_DAYS:
    "Berapa lama peristiwa, pengiriman, pesan, pesan massal, dan catatan disimpan, dalam hari.",
  RECEIVERS_OPEN:
    "`true` mengizinkan siapa pun mengirim ke `/webhooks/qiscus` dan `/api/whatsapp/webhook` bila tidak ada pelindung " +
    "lain; selain itu hanya program di mesin ini.",
  WHATSAPP_WEBHOOK_SECRET:
    "Rahasia bersama dengan server yang mengirim ke `/api/whatsapp/webhook`: setiap permintaan harus ditandatangani.",
  WHATSAPP_WEBHOOK_RATE_LIMIT:
    "Permintaan per menit dan alamat di `/api/whatsapp/webhook`, tidak termasuk yang ditandatangani benar; 0: tanpa batas.",
  QISCUS_BASE_URL: "Letak API Qiscus. Keempat `QISCUS_…` sampai channel membuatnya terpasang.",
  QISCUS_APP_ID: "Id aplikasi di Qiscus.",
  QISCUS_SECRET_KEY: "Kunci rahasia aplikasi di Qiscus.",
  QISCUS_CHANNEL_ID: "Id channel WhatsApp di Qiscus.",
  QISCUS_WEBHOOK_SECRET:
    "Memeriksa `X-Qiscus-Signature` di `/webhooks/qiscus`; tanpa header itu hanya mesin ini yang boleh mengirim.",
  QISCUS_ALLOWED_IPS: "Siapa yang boleh mengirim ke `/webhooks/qiscus`.",
  QISCUS_RATE_LIMIT:
    "Permintaan per menit dan alamat di `/webhooks/qiscus`, tidak termasuk yang ditandatangani benar; tanpa batas bila " +
    "tidak diatur.",
  QISCUS_SIMULATE: "Menerima pesan massal lewat Qiscus buatan, untuk mencoba-coba.",
  BLAST_QISCUS_PER_SECOND: "Pesan massal yang diserahkan ke Qiscus dalam sedetik.",
  BLAST_QISCUS_CONCURRENCY: "Pesan massal yang diserahkan ke Qiscus bersamaan.",
  BLAST_MIN_GAP_SECONDS: "Jeda terpendek antara dua pesan massal lewat satu perangkat.",
  BLAST_MAX_GAP_SECONDS: "Jeda terpanjang antara dua pesan massal lewat satu perangkat.",
  BLAST_PER_HOUR: "Pesan massal yang dikirim satu perangkat dalam satu jam; 0: tanpa batas.",
  BLAST_PER_DAY: "Pesan massal yang dikirim satu perangkat dalam satu hari; 0: tanpa batas.",
  ALERT_FAILED_PER_HOUR:
    "Pesan gagal lebih dari ini dalam satu jam memunculkan `alert.messages_failed`; 0: tidak pernah.",
  WHATSAPP_WS_URL: "Letak WhatsApp, untuk pengujian: alamat yang ditampilkan `simulate`.",
  WHATSAPP_ROOT_KEY: "Kunci publik bukti diri WhatsApp itu, untuk pengujian.",
  WHATSAPP_MEDIA_CA: "Berkas (PEM) otoritas bukti diri server media WhatsApp itu, untuk pengujian.",
  WIRE_RECORD:
    "Folder rekaman dari yang dikirim WhatsApp ke tiap perangkat, untuk diputar lagi dengan `simulate --replay`; nomor " +
    "dan nama diganti.",
  WIRE_RECORD_TEXTS: "Apakah rekaman itu memuat tulisan orang.",
  SESSION_WORKERS:
    "Thread terbanyak di samping thread utama untuk sesi WhatsApp, satu lagi untuk tiap lima sesi. 0: semuanya di thread " +
    "utama.",
  RECOVER_SESSIONS: "Apakah perangkat yang tadinya berjalan dijalankan lagi saat start.",
  MARK_AS_SEEN:
    "Apakah pesan ditandai dibaca di WhatsApp begitu disimpan; tidak untuk yang lebih lama dari sehari.",
  HISTORY_EVENTS:
    "Berapa hari pesan yang diserahkan ponsel saat perangkat ditautkan disimpan dan dikirim sebagai peristiwa, bertanda " +
    "`backfilled`. `none`: tidak disimpan dan tidak dikirim. Dengan jumlah hari, pesan yang diminta dari ponsel juga " +
    "dikirim sebagai peristiwa.",
  MAX_ATTACHMENT_SIZE: "Berkas terbesar yang dikirim atau dibagikan, dalam byte.",
  DEFAULT_COUNTRY_CODE:
    "Negara untuk nomor telepon yang ditulis tanpa kode negara: menggantikan 0 di depannya.",
  RATE_LIMIT_PER_MINUTE:
    "Permintaan per menit dan tenant di semua antarmuka berkunci bersama-sama, termasuk tindakan di dasbornya.",
  TRUST_PROXY: "Proxy yang `X-Forwarded-For`-nya dipercaya.",
  METRICS:
    "Siapa yang boleh meminta `/metrics`: pemilik kunci API tenant bawaan; dengan `loopback` juga program di mesin ini; " +
    "dengan `open` semua orang.",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "Kolektor OpenTelemetry yang menerima jejak dari peristiwa sampai permintaan webhook, dengan OTLP lewat HTTP.",
  OTEL_EXPORTER_OTLP_HEADERS: "Header untuk kolektor, misalnya kuncinya.",
  OTEL_SERVICE_NAME: "Nama gateway ini di dalam jejak.",
};

/** Settings by what they are about. */
export const SUBJECTS: readonly {
  readonly name: readonly [en: string, id: string];
  readonly settings: readonly SettingName[];
}[] = [
  {
    name: ["Server", "Server"],
    settings: ["PORT", "HOST", "APP_URL", "TRUST_PROXY", "RATE_LIMIT_PER_MINUTE"],
  },
  { name: ["Keys", "Kunci"], settings: ["API_KEY", "API_AUTH", "MASTER_KEY", "ENCRYPTION_KEY"] },
  {
    name: ["Data", "Data"],
    settings: ["DATA_DIR", "DATABASE_URL", "DATABASE_MODE", "DATABASE_CA", "FILES", "EVENT_RETENTION_DAYS"],
  },
  {
    name: ["Fleet", "Armada"],
    settings: ["GATEWAY_NAME", "GATEWAY_ROLES", "GATEWAY_WEIGHT", "LEASE_SECONDS"],
  },
  {
    name: ["WhatsApp", "WhatsApp"],
    settings: [
      "SESSION_WORKERS",
      "RECOVER_SESSIONS",
      "MARK_AS_SEEN",
      "HISTORY_EVENTS",
      "MAX_ATTACHMENT_SIZE",
      "DEFAULT_COUNTRY_CODE",
      "WHATSAPP_WS_URL",
      "WHATSAPP_ROOT_KEY",
      "WHATSAPP_MEDIA_CA",
      "WIRE_RECORD",
      "WIRE_RECORD_TEXTS",
    ],
  },
  {
    name: ["Webhooks", "Webhook"],
    settings: [
      "WEBHOOK_URL",
      "WEBHOOK_FORMAT",
      "WEBHOOK_SECRET",
      "WEBHOOK_ALLOW_PRIVATE",
      "WEBHOOK_CONCURRENCY",
      "WEBHOOK_RETRY_SCALE",
      "WEBHOOK_CA",
      "HTTPS_PROXY",
      "NO_PROXY",
    ],
  },
  {
    name: ["Blasts", "Pesan massal"],
    settings: [
      "BLAST_MIN_GAP_SECONDS",
      "BLAST_MAX_GAP_SECONDS",
      "BLAST_PER_HOUR",
      "BLAST_PER_DAY",
      "BLAST_QISCUS_PER_SECOND",
      "BLAST_QISCUS_CONCURRENCY",
    ],
  },
  {
    name: ["Receivers", "Penerima"],
    settings: [
      "RECEIVERS_OPEN",
      "WHATSAPP_WEBHOOK_SECRET",
      "WHATSAPP_WEBHOOK_RATE_LIMIT",
      "QISCUS_BASE_URL",
      "QISCUS_APP_ID",
      "QISCUS_SECRET_KEY",
      "QISCUS_CHANNEL_ID",
      "QISCUS_WEBHOOK_SECRET",
      "QISCUS_ALLOWED_IPS",
      "QISCUS_RATE_LIMIT",
      "QISCUS_SIMULATE",
    ],
  },
  {
    name: ["Watching", "Pemantauan"],
    settings: [
      "LOG_DIR",
      "LOG_LEVEL",
      "METRICS",
      "ALERT_FAILED_PER_HOUR",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_HEADERS",
      "OTEL_SERVICE_NAME",
    ],
  },
];
