import { MOST_TEXT } from "../messages/text_limit.ts";

/** A place in a text for a variable; its name is the group. */
export const GAP = /\{\{([^{}]*)\}\}/g;

/** A text is longer than a message may be, once its gaps are filled. */
export class TextTooLongError extends Error {
  override readonly name = "TextTooLongError";
}

export type Variables = Readonly<Record<string, string>>;

/**
 * The variables that a text has gaps for, each once: `Halo {{nama pelanggan}}` has `nama pelanggan`. A gap without a
 * name has the empty one, which nobody can fill: recipients would see the braces.
 */
export function gapsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(GAP)].map(([, name]) => variableName(name)))];
}

/**
 * Fills the gaps. One without a variable becomes empty: look for those first.
 * @throws {TextTooLongError} As soon as it is: a text of many gaps and a long variable make gigabytes of each other.
 */
export function fill(text: string, variables: Variables): string {
  let grown = 0;
  const filled = text.replace(GAP, (gap, name: string, at: number) => {
    const value = valueOf(variableName(name), variables) ?? "";
    grown += value.length - gap.length;
    if (at + gap.length + grown > MOST_TEXT) throw tooLong();
    return value;
  });
  if (filled.length > MOST_TEXT) throw tooLong();
  return filled;
}

function tooLong(): TextTooLongError {
  return new TextTooLongError(`Cannot fill the text: it gets longer than ${MOST_TEXT} characters`);
}

export function valueOf(name: string, variables: Variables): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** A variable's name in one spelling: tables and forms write the same letter in several ways. */
export function variableName(text: string): string {
  return text.trim().replace(/\s+/g, " ").normalize("NFC");
}

/** Variables under their names in one spelling. */
export function named(variables: Readonly<Record<string, string>>): Variables {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [variableName(name), value]));
}
