const MOST_CHARACTERS = 1_000;
/** Controls but for line breaks, and signs that turn the direction of writing or hide text. */
const MISLEADING =
  /(?![\n\t])\p{Cc}|[\u061C\u200B\u200E\u200F\u202A-\u202E\u2028\u2029\u2060-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu;

/** A text of a stranger, shortened and without what misleads. It is data for whoever reads it, never an order. */
export function strangersText(text: string): { readonly text: string; readonly truncated: boolean } {
  const plain = text.toWellFormed().replaceAll(MISLEADING, "");
  if (plain.length <= MOST_CHARACTERS) return { text: plain, truncated: false };
  return { text: plain.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, ""), truncated: true };
}

/** A stranger's name on one line; null when none is known. */
export function strangersName(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  return strangersText(name).text.replace(/\s+/g, " ").trim().slice(0, 100);
}
