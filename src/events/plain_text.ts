/**
 * Signs that make a line look like another one, or like several: controls, line and paragraph separators, and what
 * turns the direction of writing. A marker between letters of other scripts (U+200C, U+200D) is none of them.
 */
const MISLEADING = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Whether a name shows as what it is: one line, in one direction, of whole characters. */
export function isPlain(name: string): boolean {
  return name.isWellFormed() && name.search(MISLEADING) < 0;
}

/** A stranger's name without what misleads. */
export function plainName(name: string): string {
  return isPlain(name) ? name : name.toWellFormed().replaceAll(MISLEADING, "");
}
