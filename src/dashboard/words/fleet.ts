import type { Pairs } from "./words.ts";

/** The gateways that work together. */
export const fleet = {
  title: ["Gateways", "Gateway"],
  sub: [
    "Who works with this database, and who holds which device.",
    "Siapa yang memakai database ini, dan siapa yang memegang perangkat mana.",
  ],
  gateway: ["Gateway", "Gateway"],
  thisOne: ["answers this page", "menjawab halaman ini"],
  state: ["State", "Keadaan"],
  beating: ["Running", "Berjalan"],
  draining: ["Handing over", "Menyerahkan"],
  roles: ["Roles", "Peran"],
  weight: ["Weight", "Bobot"],
  version: ["Version", "Versi"],
  since: ["Since", "Sejak"],
  devices: ["Devices", "Perangkat"],
  device: ["Device", "Perangkat"],
  tasks: ["Tasks", "Tugas"],
  tasksNote: ["each done by one gateway", "masing-masing oleh satu gateway"],
  task: ["Task", "Tugas"],
  nobody: ["nobody, for the moment", "belum ada saat ini"],
  noDevices: ["No device is to be connected.", "Tidak ada perangkat yang perlu terhubung."],
  more: [(n: string) => `${n} more devices`, (n: string) => `${n} perangkat lagi`],
  differ: [
    (name: string, settings: string) => `${name} is set in another way than this gateway: ${settings}.`,
    (name: string, settings: string) => `${name} diatur berbeda dari gateway ini: ${settings}.`,
  ],
  differWhy: [
    "These settings have to be the same on all gateways of a database.",
    "Setelan ini harus sama di semua gateway dari satu database.",
  ],
} as const satisfies Pairs;
