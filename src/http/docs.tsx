import type { Context } from "@hono/hono";
import { getCookie, setCookie } from "@hono/hono/cookie";
import type { Child } from "@hono/hono/jsx";
import { OpenAPIHono } from "@hono/zod-openapi";
import { type CatalogueEntry, eventCatalogue } from "../formats/catalogue.ts";
import { FORMAT_NAMES, type FormatName, isFormatName } from "../formats/mod.ts";
import type { HttpEnv } from "./context.ts";
import { type Asset, FONT, MARK, STYLE } from "./docs/assets.ts";
import { type ApiDocument, groupsOf, type OperationGroup } from "./docs/document.ts";
import { contextFor, Page, type PageContext } from "./docs/frame.tsx";
import { GUIDE } from "./docs/guide/mod.ts";
import { EventPage, EventsPage } from "./docs/pages/events.tsx";
import { GroupPage } from "./docs/pages/group.tsx";
import { GuidePage } from "./docs/pages/guide.tsx";
import { SearchPage } from "./docs/pages/search.tsx";
import { StartPage } from "./docs/pages/start.tsx";
import { search } from "./docs/search.ts";
import { alertRules } from "./docs/wiring/alerts.ts";
import { grafanaDashboard } from "./docs/wiring/grafana.ts";
import { WORKFLOWS } from "./docs/wiring/n8n.ts";
import { languageOf } from "./docs/words.ts";
import { openapiDocument } from "./openapi.ts";

/** Everything the pages need comes from here: they work without the internet, and without a script. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** The viewer of "Try it" draws arrows from `data:` pictures. */
const TRY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const LANGUAGE_COOKIE = "kabar_docs_language";
const A_YEAR = 31_536_000;

export interface DocsDeps {
  /** The app whose routes are documented, asked once all of them are there. */
  readonly api: () => OpenAPIHono<HttpEnv>;
  readonly appUrl: string | undefined;
}

/** What the pages are drawn from, each part made when the first page asks for it. */
interface Material {
  readonly document: ApiDocument;
  readonly groups: readonly OperationGroup[];
  catalogue(): readonly CatalogueEntry[];
}

/** `/openapi.json`, and `/docs`: the same for people, with the guide and the catalogue of events. */
export function createDocsRoutes({ api, appUrl }: DocsDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  let json: string | undefined;
  let made: Material | undefined;
  const text = () => json ??= JSON.stringify(openapiDocument(api(), appUrl));
  const material = (): Material => {
    if (made === undefined) {
      const document = JSON.parse(text()) as ApiDocument;
      let catalogue: readonly CatalogueEntry[] | undefined;
      made = { document, groups: groupsOf(document), catalogue: () => catalogue ??= eventCatalogue() };
    }
    return made;
  };
  const draw = (c: Context<HttpEnv>, page: (cx: PageContext, all: Material) => Child | undefined) => {
    const all = material();
    const cx = contextOf(c, all.groups);
    const drawn = page(cx, all);
    return drawn === undefined ? missing(c, cx) : answer(c, drawn, 200, PAGE_POLICY);
  };

  routes.get("/openapi.json", (c) => {
    c.header("Access-Control-Allow-Origin", "*");
    return c.body(text(), 200, { "Content-Type": "application/json" });
  });
  routes.get("/docs", (c) => draw(c, (cx) => <StartPage cx={cx} />));
  routes.get("/docs/api/:group", (c) =>
    draw(c, (cx, { groups, document }) => {
      const group = groups.find(({ slug }) => slug === c.req.param("group"));
      return group && <GroupPage cx={cx} group={group} document={document} />;
    }));
  routes.get(
    "/docs/events",
    (c) => draw(c, (cx, { catalogue }) => <EventsPage cx={cx} catalogue={catalogue()} />),
  );
  routes.get("/docs/events/:name", (c) =>
    draw(c, (cx, { catalogue }) => {
      const entry = catalogue().find(({ type }) => type === c.req.param("name"));
      const format = c.req.query("format") ?? "";
      return entry && (
        <EventPage
          cx={cx}
          entry={entry}
          format={isFormatName(format) ? format : firstFormatOf(entry)}
          kind={c.req.query("kind") ?? ""}
        />
      );
    }));
  routes.get("/docs/guide/:page", (c) =>
    draw(c, (cx) => {
      const page = GUIDE.find(({ slug }) => slug === c.req.param("page"));
      return page && <GuidePage cx={cx} page={page} />;
    }));
  for (const [path, to] of [["/docs/guide", `/docs/guide/${GUIDE[0].slug}`], ["/docs/api", "/docs"]]) {
    routes.get(path, (c) => c.redirect(to, 302)); // what one gets by cutting the end off an address
  }
  routes.get("/docs/search", (c) =>
    draw(c, (cx, all) => {
      const query = (c.req.query("q") ?? "").trim();
      return <SearchPage cx={cx} query={query} hits={search(query, { ...cx, catalogue: all.catalogue() })} />;
    }));
  routes.get("/docs/try", async (c) => {
    const { TryPage } = await import("./docs/try_page.tsx"); // two megabytes that few ever ask for
    return answer(c, <TryPage cx={contextOf(c, material().groups)} />, 200, TRY_POLICY);
  });
  routes.get("/docs/n8n/:file", (c) => {
    const workflow = WORKFLOWS.find(({ slug }) => `${slug}.json` === c.req.param("file"));
    return workflow === undefined ? missing(c, contextOf(c, material().groups)) : download(c, workflow.json);
  });
  routes.get("/docs/grafana.json", (c) => download(c, grafanaDashboard()));
  routes.get("/docs/alerts.yml", (c) => c.body(alertRules(), 200, { "Content-Type": "application/yaml" }));
  routes.get("/docs/a/:file", async (c) => {
    const isThis = ({ url }: Asset) => url === c.req.path;
    const asset = [STYLE, FONT, MARK].find(isThis) ??
      (await import("./docs/try_page.tsx")).TRY_ASSETS.find(isThis);
    return asset === undefined ? missing(c, contextOf(c, material().groups)) : file(c, asset);
  });
  routes.get("/docs/*", (c) => missing(c, contextOf(c, material().groups)));
  return routes;
}

/** The default format, unless it has no name for the event. */
function firstFormatOf({ names }: CatalogueEntry): FormatName {
  return FORMAT_NAMES.find((format) => names[format].length > 0) ?? FORMAT_NAMES[0];
}

/** The visitor's language is kept once it was chosen. */
function contextOf(c: Context<HttpEnv>, groups: readonly OperationGroup[]): PageContext {
  const asked = c.req.query("lang");
  const language = languageOf(asked, getCookie(c, LANGUAGE_COOKIE), c.req.header("Accept-Language"));
  if (asked === language) {
    setCookie(c, LANGUAGE_COOKIE, language, {
      path: "/docs",
      maxAge: A_YEAR,
      httpOnly: true,
      sameSite: "Lax",
    });
  }
  const { pathname, search } = new URL(c.req.url);
  return contextFor(language, pathname + search, groups);
}

async function answer(
  c: Context<HttpEnv>,
  page: Child,
  status: 200 | 404,
  policy: string,
): Promise<Response> {
  const html = `<!doctype html>${await page}`;
  c.header("Content-Security-Policy", policy);
  c.header("Cache-Control", "no-cache");
  c.header("Vary", "Accept-Language, Cookie");
  return c.body(html, status, { "Content-Type": "text/html; charset=utf-8" });
}

/** A file for another program, laid out for people as well. */
function download(c: Context<HttpEnv>, value: unknown): Response {
  c.header("Access-Control-Allow-Origin", "*"); // n8n imports it by its address, from the browser
  return c.body(`${JSON.stringify(value, null, 2)}\n`, 200, { "Content-Type": "application/json" });
}

function missing(c: Context<HttpEnv>, cx: PageContext): Promise<Response> {
  const { notFound, notFoundSub } = cx.words;
  return answer(c, <Page cx={cx} title={notFound} sub={notFoundSub} />, 404, PAGE_POLICY);
}

function file(c: Context<HttpEnv>, { type, bytes, gzipped }: Asset): Response {
  const packed = /\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "") ? gzipped : undefined;
  if (packed !== undefined) c.header("Content-Encoding", "gzip");
  c.header("Vary", "Accept-Encoding");
  c.header("Cache-Control", `public, max-age=${A_YEAR}, immutable`);
  return c.body(packed ?? bytes, 200, { "Content-Type": type });
}
