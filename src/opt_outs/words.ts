import type { OptOutSettings } from "../store/opt_outs.ts";

/** What counts until a tenant says otherwise. */
export const DEFAULT_SETTINGS: OptOutSettings = {
  stopWords: ["STOP", "BERHENTI"],
  startWords: ["START", "MULAI"],
  stopAnswer: null,
  startAnswer: null,
};

/** A longer message is no single word. */
export const LONGEST_WORD = 60;

/** A message, or a word to compare it with: without case, signs and what surrounds the words; empty: none is left. */
export function plainWord(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\p{P}\p{S}\p{C}\p{M}]/gu, "").replace(/\s+/gu, " ")
    .trim();
}

/** What somebody asks for with a whole message: undefined when it is none of the words. */
export type Reading = (text: string) => "out" | "in" | undefined;

export function readingOf({ stopWords, startWords }: OptOutSettings): Reading {
  const meanings = new Map([
    ...startWords.map((word) => [plainWord(word), "in"] as const),
    ...stopWords.map((word) => [plainWord(word), "out"] as const),
  ]);
  return (text) => text.length > 2 * LONGEST_WORD ? undefined : meanings.get(plainWord(text));
}

/** A word that would mean both; undefined: there is none. */
export function wordOfBoth({ stopWords, startWords }: OptOutSettings): string | undefined {
  const stops = new Set(stopWords.map(plainWord));
  return startWords.find((word) => stops.has(plainWord(word)));
}
