import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "text" };
import viewerStyle from "swagger-ui-dist/swagger-ui.css" with { type: "text" };
import tokens from "../../look/tokens.css" with { type: "text" };
import { type Asset, hashed, MARK } from "./assets.ts";
import type { PageContext } from "./frame.tsx";
import script from "./try.js" with { type: "text" };
import style from "./try.css" with { type: "text" };

const withoutMap = (text: string) => text.replace(/\n?(\/\/# |\/\*# )sourceMappingURL=.*$/s, "");

const viewer = hashed("viewer.js", withoutMap(bundle));
const viewerCss = hashed("viewer.css", withoutMap(viewerStyle));
const start = hashed("try.js", script);
const ours = hashed("try.css", tokens + style);

/** The files that only this page loads. */
export const TRY_ASSETS: readonly Asset[] = [viewer, viewerCss, start, ours];

/** `/docs/try`: sends requests to this gateway. A page of its own: its viewer is twenty times all the rest. */
export function TryPage({ cx }: { readonly cx: PageContext }) {
  const { words, language } = cx;
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${words.tryIt} · Kabar`}</title>
        <link rel="icon" href={MARK.url} type="image/svg+xml" />
        <link rel="stylesheet" href={viewerCss.url} />
        <link rel="stylesheet" href={ours.url} />
        <script src={viewer.url} defer></script>
        <script type="module" src={start.url}></script>
      </head>
      <body>
        <header>
          <a href="/docs">{words.docs}</a> · {words.tryWarning}
        </header>
        <div id="viewer" lang="en">
          <noscript>{words.needsScript}</noscript>
        </div>
      </body>
    </html>
  );
}
