import type { Child } from "@hono/hono/jsx";
import { VERSION } from "../../version.ts";
import { FONT, MARK, STYLE } from "./assets.ts";
import type { OperationGroup } from "./document.ts";
import { GUIDE } from "./guide/mod.ts";
import { type Language, LANGUAGES, WORDS, type Words } from "./words.ts";

/** What every page is drawn with. */
export interface PageContext {
  readonly language: Language;
  readonly words: Words;
  /** The page's own path and query, for the links to its other language. */
  readonly here: string;
  readonly groups: readonly OperationGroup[];
}

export interface PageProps {
  readonly cx: PageContext;
  readonly title: string;
  readonly sub?: Child;
  readonly children?: Child;
  /** Links to parts of the page. */
  readonly parts?: readonly { readonly to: string; readonly label: Child }[];
  /** What was searched for. */
  readonly query?: string;
  /** Scripts and styles of one page alone. */
  readonly head?: Child;
}

/** A whole page: head, navigation and what stands in it. */
export function Page({ cx, title, sub, children, parts = [], query, head }: PageProps) {
  const { words, language } = cx;
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · Kabar`}</title>
        <link rel="icon" href={MARK.url} type="image/svg+xml" />
        <link rel="preload" href={FONT.url} as="font" type="font/woff2" crossorigin="" />
        <link rel="stylesheet" href={STYLE.url} />
        {head}
      </head>
      <body>
        <a class="skip" href="#content">{words.skip}</a>
        <header>
          <a class="brand" href="/docs">
            <Mark />Kabar <small>{VERSION}</small>
          </a>
          <form role="search" action="/docs/search" method="get">
            <input
              type="search"
              name="q"
              value={query}
              aria-label={words.searchFor}
              placeholder={words.search}
            />
            <button type="submit">{words.search}</button>
          </form>
          <a href="/ui">{words.dashboard}</a>
          <Languages cx={cx} />
        </header>
        <div class="columns">
          <Navigation cx={cx} />
          <main id="content" tabindex={-1}>
            <h1>{title}</h1>
            {sub === undefined ? "" : <p class="sub">{sub}</p>}
            {children}
          </main>
          {parts.length < 2 ? <span /> : (
            <nav class="parts" aria-label={words.onThisPage}>
              <p>{words.onThisPage}</p>
              <ul>
                {parts.map(({ to, label }) => (
                  <li>
                    <a href={to}>{label}</a>
                  </li>
                ))}
              </ul>
            </nav>
          )}
        </div>
      </body>
    </html>
  );
}

function Languages({ cx }: { readonly cx: PageContext }) {
  const url = new URL(cx.here, "http://here");
  return (
    <nav class="languages" aria-label={cx.words.language}>
      {Object.entries(LANGUAGES).map(([code, name]) => {
        url.searchParams.set("lang", code);
        const isThis = code === cx.language;
        return (
          <a
            href={url.pathname + url.search}
            lang={code}
            hreflang={code}
            aria-current={isThis ? "true" : undefined}
          >
            {name}
          </a>
        );
      })}
    </nav>
  );
}

function Navigation({ cx: { words, language, groups, here } }: { readonly cx: PageContext }) {
  const path = here.split("?")[0];
  const link = (to: string, label: string) => (
    <li>
      <a href={to} aria-current={path === to ? "page" : undefined}>{label}</a>
    </li>
  );
  return (
    <nav class="side" aria-label={words.pages}>
      <p>{words.guide}</p>
      <ul>{GUIDE.map((page) => link(`/docs/guide/${page.slug}`, page.titles[language]))}</ul>
      <p>{words.events}</p>
      <ul>{link("/docs/events", words.events)}</ul>
      <p>{words.reference}</p>
      <ul lang="en">{groups.map(({ slug, name }) => link(`/docs/api/${slug}`, name))}</ul>
      <ul>
        {link("/docs/try", words.tryIt)}
        <li>
          <a href="/openapi.json">openapi.json</a>
        </li>
      </ul>
    </nav>
  );
}

/** A K whose arms fan out: one message in, many deliveries. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7.5" />
      <path
        d="M9.5 7.5v17M9.5 16.5h4.5l8-7.5M14 16.5l8 7.5"
        fill="none"
        stroke-width="3"
        stroke-linecap="round"
      />
    </svg>
  );
}

/** The words of the page's language. */
export function contextFor(
  language: Language,
  here: string,
  groups: readonly OperationGroup[],
): PageContext {
  return { language, words: WORDS[language], here, groups };
}
