import { Page, type PageContext } from "../frame.tsx";
import { Inline } from "../markdown.tsx";
import type { Hit } from "../search.ts";

/** `/docs/search?q=`: what was found. */
export function SearchPage({ cx, query, hits }: {
  readonly cx: PageContext;
  readonly query: string;
  readonly hits: readonly Hit[];
}) {
  const { words } = cx;
  const title = query === "" ? words.search : words.results(query, hits.length);
  return (
    <Page cx={cx} title={title} sub={hits.length === 0 ? words.nothing : undefined} query={query}>
      <ul class="hits">
        {hits.map(({ to, title, kind, text }) => (
          <li>
            <a href={to}>
              <Inline text={title} />
            </a>{" "}
            <small>{kind}</small>
            <br />
            <Inline text={text} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
