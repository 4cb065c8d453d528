import { Page, type PageContext } from "../frame.tsx";
import { GUIDE, type GuidePage as GuideEntry } from "../guide/mod.ts";
import { Markdown } from "../markdown.tsx";
import { slugOf } from "../document.ts";

/** `/docs/guide/<page>`: one page of the guide. */
export function GuidePage({ cx, page }: { readonly cx: PageContext; readonly page: GuideEntry }) {
  const text = page.texts[cx.language];
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const next = GUIDE[GUIDE.indexOf(page) + 1];
  return (
    <Page
      cx={cx}
      title={page.titles[cx.language]}
      sub={page.abouts[cx.language]}
      parts={headings.map((title) => ({ to: `#${slugOf(title)}`, label: title.replaceAll("`", "") }))}
    >
      <Markdown text={text} />
      {next === undefined ? "" : (
        <p class="next">
          <a class="button" href={`/docs/guide/${next.slug}`}>{`${next.titles[cx.language]} →`}</a>
        </p>
      )}
    </Page>
  );
}
