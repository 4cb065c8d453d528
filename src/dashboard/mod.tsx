import { Hono, type MiddlewareHandler } from "@hono/hono";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { HttpEnv } from "../http/context.ts";
import { assetOf } from "./assets/assets.ts";
import type { Look, Theme } from "./cx.ts";
import type { ShellDeps } from "./deps.ts";
import { formatsOf, zoneOr } from "./formats.ts";
import { preferenceOf, sessionTokenOf, setPreference, setSessionToken, takeFlash } from "./http/cookies.ts";
import type { UiContext, UiEnv } from "./http/env.ts";
import { FILE_FORMS } from "./http/file_forms.ts";
import { formTokenOf, readForm, refuseOtherSites, safeNext } from "./http/forms.ts";
import { PAGE_HEADERS } from "./http/headers.ts";
import { isFollowed, streamParts } from "./http/live.ts";
import { createSignInRoutes } from "./http/sign_in.tsx";
import { answerNoPage, answerTrouble } from "./http/trouble.tsx";
import { createPages, type PageDeps } from "./pages/mod.ts";
import { createPairPages } from "./pages/pair.tsx";
import { wordsOf } from "./words/mod.ts";
import { logOf } from "../log.ts";
import { type Lang, LANGS } from "./words/words.ts";

export type DashboardDeps = ShellDeps & PageDeps;

/** The pages, and how a request that fails before it reaches one is answered. */
export interface Dashboard {
  readonly routes: OpenAPIHono<HttpEnv>;
  answerError(error: unknown, request: Request, requestId: string): Promise<Response>;
}

const log = logOf("dashboard");

/** The forms of a visitor who needs no session carry this run's token. */
const TOKEN_OF_THIS_RUN = crypto.randomUUID();

/** The dashboard: pages under `/ui`, drawn here, for people who sign in with a key. `/` leads there. */
export function createDashboard(deps: DashboardDeps): Dashboard {
  const publicOrigin = deps.appUrl === undefined ? undefined : new URL(deps.appUrl).origin;
  const ui = new Hono<UiEnv>();

  const dressed: MiddlewareHandler<UiEnv> = async (c, next) => {
    c.set("look", lookOf(c, deps.now()));
    await next();
    if (c.res.headers.has("Content-Security-Policy")) return;
    for (const [name, value] of Object.entries(PAGE_HEADERS)) c.res.headers.set(name, value);
  };
  ui.use(dressed);
  ui.onError((error, c) => answerTrouble(error, c, c.get("look") ?? lookOf(c, deps.now())));

  ui.get("/a/:file", (c) => {
    const asset = assetOf(c.req.param("file"));
    if (asset === undefined) return answerNoPage(c, c.get("look"));
    const packed = /\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "") ? asset.gzipped : undefined;
    const response = c.body(packed ?? asset.bytes, 200, { "Content-Type": asset.type });
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value);
    response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    response.headers.set("Vary", "Accept-Encoding");
    if (packed !== undefined) response.headers.set("Content-Encoding", "gzip");
    return response;
  });
  ui.route("/", createSignInRoutes({ ...deps, publicOrigin }));

  ui.use(async (c, next) => {
    const token = sessionTokenOf(c);
    const visit = await deps.sessions.visitOf(token);
    if (visit === undefined) {
      // a stream that was led to the sign-in page would take that for its events
      if (c.env?.forStream || c.req.path === "/ui/live") return c.body("", 401);
      const isRead = c.req.method === "GET";
      const query = new URLSearchParams({
        ...(isRead && c.get("look").here !== "/ui" && { next: c.get("look").here }),
        ...(token !== undefined && { over: "1" }),
      });
      if (token !== undefined) setSessionToken(c, undefined);
      return c.redirect(query.size === 0 ? "/ui/sign-in" : `/ui/sign-in?${query}`, 303);
    }
    if (visit.newToken !== undefined && !c.env?.forStream) setSessionToken(c, visit.newToken);
    c.set("visit", visit);
    const formToken = formTokenOf(
      visit.session === null ? TOKEN_OF_THIS_RUN : visit.session.id + visit.session.keyMark,
    );
    const isChange = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (isChange) {
      refuseOtherSites(c, publicOrigin);
      deps.spend(visit.tenant.id);
      if (!FILE_FORMS.test(c.req.path)) await readForm(c, formToken);
    }
    const [ready, needs] = await Promise.all([deps.isReady(), deps.attention(visit.tenant.id)]);
    c.set("cx", {
      ...c.get("look"),
      visit,
      csrf: formToken,
      frame: { ready, version: deps.version, startedAt: deps.startedAt, needs },
      flash: c.env?.forStream || c.req.method !== "GET" ? undefined : takeFlash(c, formToken),
    });
    await next();
    if (isChange) {
      const { session, tenant, isStandIn } = visit;
      log.info("page.changed", {
        requestId: c.get("requestId"),
        tenantId: tenant.id,
        session: session?.id,
        ...(isStandIn && { standInOf: session?.parentId }),
        path: c.req.path,
        status: c.res.status,
      });
    }
  });

  ui.post("/sign-out", async (c) => {
    const token = await deps.sessions.leave(c.get("visit"));
    setSessionToken(c, token);
    return c.redirect(token === undefined ? "/ui/sign-in" : "/ui/tenants", 303);
  });
  ui.post("/look", async (c) => {
    const form = await readForm(c, undefined);
    const { lang, theme } = { lang: form.text("lang"), theme: form.text("theme") };
    if (isLang(lang)) setPreference(c, "lang", lang);
    if (isTheme(theme)) setPreference(c, "theme", theme);
    const keys = form.text("keys");
    if (keys === "on" || keys === "off") setPreference(c, "keys", keys);
    return c.redirect(safeNext(form.text("back")), 303);
  });
  ui.get("/live", (c) => {
    const path = c.req.query("page") ?? "";
    if (!isFollowed(path)) return answerNoPage(c, c.get("look"));
    const headers = new Headers(c.req.raw.headers);
    const page = async (path: string) =>
      await routes.fetch(new Request(new URL(path, c.req.url), { headers }), { ...c.env, forStream: true });
    return streamParts(c, { ...deps, page }, path);
  });
  for (const pages of createPages(deps)) ui.route("/", pages);
  ui.all("*", (c) => answerNoPage(c, c.get("look")));

  const routes = new OpenAPIHono<HttpEnv>({ strict: false });
  routes.get("/", (c) => {
    const wantsJson = /\bapplication\/json\b/.test(c.req.header("Accept") ?? "") ||
      !/\btext\/html\b|\*\/\*/.test(c.req.header("Accept") ?? "*/*");
    if (!wantsJson) return c.redirect("/ui", 302);
    return c.json({
      name: "Kabar",
      version: deps.version,
      links: { dashboard: "/ui", docs: "/docs", openapi: "/openapi.json", health: "/health" },
    });
  });
  routes.route("/ui", ui);
  const pair = new Hono<UiEnv>();
  pair.use(dressed);
  pair.onError((error, c) => answerTrouble(error, c, c.get("look") ?? lookOf(c, deps.now())));
  pair.route("/", createPairPages(deps, publicOrigin));
  routes.route("/pair", pair);

  return {
    routes,
    async answerError(error, request, requestId) {
      const failing = new Hono<UiEnv>();
      failing.all("*", async (c) => {
        c.set("requestId", requestId);
        const response = await answerTrouble(error, c, lookOf(c, deps.now()));
        for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value);
        return response;
      });
      return await failing.request(request.url, { headers: request.headers });
    },
  };
}

function lookOf(c: UiContext, now: number): Look {
  const asked = c.req.query("lang") ?? preferenceOf(c, "lang");
  const lang = isLang(asked)
    ? asked
    : /^(id|ms)\b/i.test(c.req.header("Accept-Language") ?? "")
    ? "id"
    : "en";
  const theme = preferenceOf(c, "theme");
  const { pathname, search } = new URL(c.req.url);
  return {
    lang,
    theme: isTheme(theme) ? theme : "system",
    hotkeys: preferenceOf(c, "keys") !== "off",
    t: wordsOf(lang),
    f: formatsOf(lang, zoneOr(preferenceOf(c, "zone"))),
    now,
    here: (pathname === "/ui/" ? "/ui" : pathname) + search,
  };
}

function isLang(value: string | undefined): value is Lang {
  return LANGS.some((lang) => lang === value);
}

function isTheme(value: string | undefined): value is Theme {
  return value === "system" || value === "light" || value === "dark";
}
