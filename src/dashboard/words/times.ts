import type { Pairs } from "./words.ts";

/** Spans of time. Units stand behind the number with a space. */
export const times = {
  justNow: ["just now", "baru saja"],
  ago: [(span: string) => `${span} ago`, (span: string) => `${span} lalu`],
  in: [(span: string) => `in ${span}`, (span: string) => `${span} lagi`],
  ms: ["ms", "md"],
  s: ["s", "dtk"],
  min: ["min", "mnt"],
  h: ["h", "jam"],
  d: ["d", "hari"],
} as const satisfies Pairs;
