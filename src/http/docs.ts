import { OpenAPIHono } from "@hono/zod-openapi";
import { VERSION } from "../version.ts";
import type { HttpEnv } from "./context.ts";
import page from "./docs/page.html" with { type: "text" };
import script from "./docs/page.js" with { type: "text" };
import style from "./docs/page.css" with { type: "text" };
import { openapiDocument } from "./openapi.ts";

/** Everything the page needs comes from here: it works without the internet. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface DocsDeps {
  /** The app whose routes are documented, asked once all of them are there. */
  readonly api: () => OpenAPIHono<HttpEnv>;
  readonly appUrl: string | undefined;
}

/** `/openapi.json`, and `/docs`, a page that shows it to people. */
export function createDocsRoutes({ api, appUrl }: DocsDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  let document: string | undefined;
  const files = {
    "/docs": { text: page.replaceAll("{{ version }}", VERSION), type: "text/html" },
    "/docs/page.js": { text: script, type: "text/javascript" },
    "/docs/page.css": { text: style, type: "text/css" },
  };

  routes.get("/openapi.json", (c) => {
    document ??= JSON.stringify(openapiDocument(api(), appUrl));
    c.header("Access-Control-Allow-Origin", "*");
    return c.body(document, 200, { "Content-Type": "application/json" });
  });
  for (const [path, { text, type }] of Object.entries(files)) {
    routes.get(path, (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      c.header("Cache-Control", "no-cache");
      return c.body(text, 200, { "Content-Type": `${type}; charset=utf-8` });
    });
  }
  return routes;
}
