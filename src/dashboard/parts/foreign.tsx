import type { Child } from "@hono/hono/jsx";

/** What turns the direction of text, or is not seen at all. */
const SIGNS = /[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\u00ad\ufeff\u061c\u180e]/g;
// deno-lint-ignore no-control-regex -- control signs are what it is about
const UNDRAWABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const LONGEST = 2_000;

/** A stranger's text as it may be drawn: whole characters only, no control signs, cut at `max` characters. */
export function cleaned(text: string, max = LONGEST): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.toWellFormed().replaceAll(UNDRAWABLE, "\ufffd");
}

/**
 * A text that a stranger wrote: a name, a message, a header, an error. Escaped as all text is, kept from turning the
 * direction of what stands beside it, and in a box in which `hx-` attributes mean nothing, should an escape ever be
 * forgotten: a content security policy does not stop those.
 */
export function Foreign({ text, max, block = false }: {
  readonly text: string;
  readonly max?: number;
  readonly block?: boolean;
}) {
  const shown = cleaned(text, max);
  return block
    ? <div class="foreign" dir="auto" hx-ignore title={shown.length > 60 ? shown : undefined}>{shown}</div>
    : <bdi hx-ignore title={shown.length > 40 ? shown : undefined}>{shown}</bdi>;
}

/** As `Foreign`, for ids, numbers and names of files: signs that cannot be seen are drawn as `U+202A`. */
export function ForeignCode({ text, max = 200 }: { readonly text: string; readonly max?: number }) {
  return <bdi class="mono" hx-ignore>{signed(cleaned(text, max))}</bdi>;
}

/** Text with the signs that cannot be seen drawn. */
export function signed(text: string): Child[] {
  const parts: Child[] = [];
  let from = 0;
  for (const match of text.matchAll(SIGNS)) {
    parts.push(text.slice(from, match.index), <Sign unit={match[0].charCodeAt(0)} />);
    from = match.index + 1;
  }
  return [...parts, text.slice(from)];
}

function Sign({ unit }: { readonly unit: number }) {
  return <span class="sign">U+{unit.toString(16).toUpperCase().padStart(4, "0")}</span>;
}
