import type { Pairs } from "./words.ts";

/** What charts and pages besides those of deliveries say of them. */
export const deliveries = {
  atOnce: ["at once", "langsung"],
  afterRetry: ["after a retry", "setelah dicoba lagi"],
  failedRequests: ["failed requests", "permintaan gagal"],
  csv: ["CSV", "CSV"],
  barSays: [
    (at: string, ok: string, retried: string, bad: string) =>
      `${at}: ${ok} at once, ${retried} after a retry, ${bad} failed requests`,
    (at: string, ok: string, retried: string, bad: string) =>
      `${at}: ${ok} langsung, ${retried} setelah dicoba lagi, ${bad} permintaan gagal`,
  ],
  facts: ["Facts", "Data"],
  notSaid: ["This format does not tell of this event.", "Format ini tidak memuat peristiwa ini."],
} as const satisfies Pairs;
