/** The languages of the dashboard. */
export const LANGS = ["en", "id"] as const;
export type Lang = (typeof LANGS)[number];

type Word = string | ((...values: never[]) => string);

/** Words by name, each in English and in Indonesian: one that lacks a language does not type-check. */
export type Pairs = Readonly<Record<string, readonly [en: Word, id: Word]>>;

/** The words of one language. */
export type In<P extends Pairs> = {
  readonly [K in keyof P]: P[K][0] extends string ? string : P[K][0];
};

/** Takes one language out of a table. */
export function inLang<P extends Pairs>(pairs: P, lang: Lang): In<P> {
  const column = LANGS.indexOf(lang);
  return Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair[column]])) as In<P>;
}
