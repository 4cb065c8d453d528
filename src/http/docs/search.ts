import type { CatalogueEntry } from "../../formats/catalogue.ts";
import type { OperationGroup } from "./document.ts";
import { GUIDE } from "./guide/mod.ts";
import type { Language, Words } from "./words.ts";

/** A page, or a part of one, that answers a search. */
export interface Hit {
  readonly to: string;
  readonly title: string;
  /** What it is, in the page's language. */
  readonly kind: string;
  /** One line below the title. */
  readonly text: string;
}

const MOST = 50;

/**
 * Finds what holds every word of the query, best first: words in the title count more than those in the text.
 * @param query As it was typed; the first 100 characters count.
 */
export function search(
  query: string,
  { groups, catalogue, language, words }: {
    readonly groups: readonly OperationGroup[];
    readonly catalogue: readonly CatalogueEntry[];
    readonly language: Language;
    readonly words: Words;
  },
): readonly Hit[] {
  const wanted = query.slice(0, 100).toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (wanted.length === 0) return [];
  const entries: readonly (Hit & { readonly more: string })[] = [
    ...catalogue.map(({ type, summary, when, whatToDo, names }) => ({
      to: `/docs/events/${type}`,
      title: type,
      kind: words.events,
      text: summary,
      more: `${when} ${whatToDo} ${Object.values(names).flat().join(" ")}`,
    })),
    ...GUIDE.map(({ slug, titles, abouts, texts }) => ({
      to: `/docs/guide/${slug}`,
      title: titles[language],
      kind: words.guide,
      text: abouts[language],
      more: texts[language],
    })),
    ...groups.flatMap(({ slug, name, operations }) =>
      operations.map(({ id, method, path, summary, description = "", parameters }) => ({
        to: `/docs/api/${slug}#${id}`,
        title: summary,
        kind: name,
        text: `\`${method.toUpperCase()} ${path}\``,
        more: `${path} ${description} ${parameters.map(({ name }) => name).join(" ")}`,
      }))
    ),
  ];
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ entry: { to, title, kind, text } }) => ({ to, title, kind, text }));
}

/** 0 when a word is missing. */
function scoreOf({ title, text, more }: Hit & { readonly more: string }, wanted: readonly string[]): number {
  const [first, second, third] = [title, text, more].map((part) => part.toLowerCase());
  let score = 0;
  for (const word of wanted) {
    if (first === word) score += 100;
    else if (first.includes(word)) score += 10;
    else if (second.includes(word)) score += 4;
    else if (third.includes(word)) score += 1;
    else return 0;
  }
  return score;
}
