/**
 * Text that every receiver, JSON reader and database takes: half surrogate pairs and NUL become U+FFFD. PHP's
 * `json_decode`, jq and Postgres refuse a whole body because of one of them.
 */
export function wellFormed(text: string): string {
  const whole = text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "\ufffd") : whole;
}

/** The beginning of a text, well formed, of at most `max` UTF-16 units; a pair of surrogates is not cut apart. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return wellFormed(text);
  const last = text.charCodeAt(max - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return wellFormed(text.slice(0, splits ? max - 1 : max));
}

/**
 * JSON whose texts and names are all well formed. The scan for escapes is the only cost for what is: apart from control
 * characters `JSON.stringify` escapes nothing but half pairs.
 */
export function wellFormedJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes("\\u")
    ? json.replace(ESCAPE, (escape, bad) => bad === undefined ? escape : "\ufffd")
    : json;
}

/** Escapes one by one, so that the letters after an escaped backslash are not taken for one. */
const ESCAPE = /\\(?:u(d[89a-f][0-9a-f]{2}|0000)|.)/g;
