import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { EVENT_GUIDE_ID } from "../../src/events/guide_id.ts";
import { EVENT_GUIDE } from "../../src/events/guide.ts";
import { GUIDE } from "../../src/http/docs/guide/mod.ts";
import { WORDS } from "../../src/http/docs/words.ts";
import { VERSION } from "../../src/version.ts";
import { runGateway } from "../support/gateway.ts";
import { setUpHttp, type TestHttp } from "../support/http.ts";

async function page(http: TestHttp, path: string, headers: Readonly<Record<string, string>> = {}) {
  return await http.ask("GET", path, { key: null, headers });
}

/** All links of a page to others of this gateway. */
function linksIn(html: string): readonly string[] {
  const links = [...html.matchAll(/(?:href|src|action)="([^"]+)"/g)].map(([, link]) => link);
  return links.map((link) => link.replaceAll("&amp;", "&"));
}

/** Every page that can be reached from the first one by links. */
async function everyPage(http: TestHttp): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const waiting = ["/docs"];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue;
    const { status, text } = await page(http, path);
    assertEquals(status, 200, path);
    pages.set(path, text);
    for (const link of linksIn(text)) {
      const [bare] = link.split(/[?#]/);
      if (bare.startsWith("/docs") && bare !== "/docs/search") waiting.push(bare);
    }
  }
  return pages;
}

Deno.test("docs have no dead link, and no link to a part that is not there", async () => {
  await using http = await setUpHttp();

  const pages = await everyPage(http);

  assert(pages.size > 40, `only ${pages.size} pages`);
  for (const [path, html] of pages) {
    if (path.startsWith("/docs/a/")) continue;
    for (const link of linksIn(html)) {
      const [bare, part] = link.split("#");
      const target = bare === "" ? html : pages.get(bare.split("?")[0]);
      if (part === undefined || target === undefined || bare === "/docs/try") continue;
      assert(target.includes(`id="${part}"`), `${path} links to ${link}`);
    }
  }
});

Deno.test("docs load nothing from elsewhere, under a policy without exceptions", async () => {
  await using http = await setUpHttp();

  for (
    const path of ["/docs", "/docs/api/webhooks", "/docs/events/message.received", "/docs/guide/signatures"]
  ) {
    const { headers, text } = await page(http, path);

    const policy = String(headers.get("Content-Security-Policy"));
    assertStringIncludes(policy, "default-src 'none'");
    assertFalse(/unsafe|script-src|https?:/.test(policy), policy);
    assertFalse(/<script|\son\w+=|\sstyle=/i.test(text), path);
    for (const [loaded] of text.matchAll(/<(?:link|img|form)[^>]*>/g)) {
      assertFalse(/https?:/.test(loaded), loaded);
    }
  }
});

Deno.test("docs show every operation with a link of its own, its fields, and a command", async () => {
  await using http = await setUpHttp();
  const { paths } = (await http.ask("GET", "/openapi.json")).at("") as { readonly paths: object };
  const count = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);

  const groups = [...await everyPage(http)].filter(([path]) => path.startsWith("/docs/api/"));

  const ids = groups.flatMap(([, html]) =>
    [...html.matchAll(/<article[^>]* id="([^"]+)"/g)].map(([, id]) => id)
  );
  assertEquals(ids.length, count);
  assertEquals(new Set(ids).size, count);
  const start = (await page(http, "/docs")).text;
  assert(
    start.indexOf("/docs/api/webhooks") < start.indexOf("/docs/api/health"),
    "what people look for comes first",
  );
  const webhooks = groups.find(([path]) => path === "/docs/api/webhooks")?.[1] ?? "";
  assertStringIncludes(webhooks, 'id="post-v1-webhooks-id-rotate-secret"');
  assertStringIncludes(webhooks, "keep_old_for");
  assertMatch(webhooks, /curl -X POST &quot;\$B\/v1\/webhooks&quot;/);
  assertStringIncludes(webhooks, 'href="/docs/try#post-v1-webhooks"');
});

Deno.test("docs explain every event, with its fields and a request in each format", async () => {
  await using http = await setUpHttp();

  for (const [type, { summary }] of Object.entries(EVENT_GUIDE)) {
    const { status, text } = await page(http, `/docs/events/${type}`);
    assertEquals(status, 200, type);
    assertStringIncludes(text, summary.split(/[`']/)[0]);
    assertStringIncludes(text, "When it comes");
  }
  const session = await page(http, "/docs/events/message.received?format=session&kind=image");
  const device = await page(http, "/docs/events/message.received");
  assertStringIncludes(session.text, "sessionId");
  assertStringIncludes(session.text, "X-Webhook-Signature");
  assertStringIncludes(device.text, "X-Rijan-Signature");
});

Deno.test("docs take what stands in an address for text", async () => {
  await using http = await setUpHttp();
  const hostile = encodeURIComponent('"><script>alert(1)</script>');

  for (
    const path of [
      `/docs/search?q=${hostile}`,
      `/docs/events/call.received?kind=${hostile}&format=${hostile}`,
    ]
  ) {
    const { status, text } = await page(http, path);

    assertEquals(status, 200);
    assertFalse(text.includes("<script"), path);
  }
});

Deno.test("docs speak the language that was asked for, then the chosen one, then the browser's", async () => {
  await using http = await setUpHttp();

  const asked = await page(http, "/docs/guide/retries?lang=id", { "accept-language": "en" });
  const cookie = String(asked.headers.get("Set-Cookie")).split(";")[0];
  const chosen = await page(http, "/docs/guide/retries", { cookie, "accept-language": "en" });
  const browsers = await page(http, "/docs/guide/retries", { "accept-language": "id-ID,id;q=0.9" });
  const other = await page(http, "/docs/guide/retries", { "accept-language": "fr" });

  for (const { text } of [asked, chosen, browsers]) assertStringIncludes(text, "<h1>Percobaan ulang</h1>");
  assertStringIncludes(asked.text, '<html lang="id">');
  assertStringIncludes(other.text, "<h1>Retries</h1>");
});

Deno.test("docs explain events in the reader's language", async () => {
  await using http = await setUpHttp();

  const list = await page(http, "/docs/events?lang=id");
  const one = await page(http, "/docs/events/message.received?lang=id");

  assertStringIncludes(list.text, EVENT_GUIDE_ID["call.received"].summary);
  assertStringIncludes(one.text, EVENT_GUIDE_ID["message.received"].summary);
  assert(!one.text.includes(EVENT_GUIDE["message.received"].summary));
});

Deno.test("docs have the guide in both languages, part by part", () => {
  for (const { slug, texts, titles, abouts } of GUIDE) {
    const parts = (text: string) => text.split("\n").filter((line) => line.startsWith("## ")).length;
    assertEquals(parts(texts.id), parts(texts.en), slug);
    assertEquals(texts.id.split("```").length, texts.en.split("```").length, slug);
    assert(titles.en !== titles.id && abouts.en !== abouts.id, slug);
  }
  assertEquals(Object.keys(WORDS.id), Object.keys(WORDS.en));
});

const SEARCHES = [
  ["subscribe", "/docs/api/webhooks#post-v1-webhooks"],
  ["message.reaction", "/docs/events/message.reaction"],
  ["rotate secret", "/docs/api/webhooks#post-v1-webhooks-id-rotate-secret"],
  ["/v1/events/stream", "/docs/api/events#get-v1-events-stream"],
  ["Retry-After", "/docs/guide/retries"],
] as const;
for (const [query, found] of SEARCHES) {
  Deno.test(`docs find ${found} by "${query}"`, async () => {
    await using http = await setUpHttp();

    const { text } = await page(http, `/docs/search?q=${encodeURIComponent(query)}`);

    assertStringIncludes(text, `href="${found}"`);
  });
}

Deno.test("docs put what was searched for by its name first", async () => {
  await using http = await setUpHttp();

  const { text } = await page(http, "/docs/search?q=message.status");

  assertStringIncludes(
    text.slice(text.indexOf('class="hits"')).slice(0, 200),
    'href="/docs/events/message.status"',
  );
});

Deno.test("docs lead on from an address whose end was cut off", async () => {
  await using http = await setUpHttp();

  const guide = await page(http, "/docs/guide");
  const api = await page(http, "/docs/api/");

  assertEquals([guide.status, guide.headers.get("Location")], [302, "/docs/guide/first-webhook"]);
  assertEquals([api.status, api.headers.get("Location")], [302, "/docs"]);
});

Deno.test("docs say so on a page of their own when there is no such page, or nothing is found", async () => {
  await using http = await setUpHttp();

  const missing = await page(http, "/docs/events/no.such.event");
  const nothing = await page(http, "/docs/search?q=zzzz");

  assertEquals([missing.status, nothing.status], [404, 200]);
  assertStringIncludes(missing.text, "There is no such page");
  assertStringIncludes(nothing.text, "Nothing matches.");
});

Deno.test("docs name the version, and let browsers keep their files", async () => {
  await using http = await setUpHttp();

  const start = await page(http, "/docs");
  const [style] = linksIn(start.text).filter((link) => link.endsWith(".css"));
  const file = await page(http, style);

  assertStringIncludes(start.text, VERSION);
  assertStringIncludes(String(file.headers.get("Cache-Control")), "immutable");
  assertEquals(file.headers.get("Content-Type"), "text/css; charset=utf-8");
});

/** Methods and paths that a text names: in code, or as curl commands. Ids in angle brackets stand for any. */
function routesIn(text: string): readonly string[] {
  const named = [...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^`?]+)/g)].map(([, method, path]) =>
    [method, path] as const
  );
  const typed = [...text.matchAll(/curl(?: -N)?(?: -X (\w+))? "\$B(\/[^"?]+)/g)].map((
    [, method = "GET", path],
  ) => [method, path] as const);
  return [...named, ...typed].map(([method, path]) =>
    `${method.toLowerCase()} ${path.replaceAll(/<[^>]+>/g, "{}").replace(/\/$/, "")}`
  );
}

for (const language of ["en", "id"] as const) {
  Deno.test(`guide in "${language}" names only routes that the gateway has`, async () => {
    await using gateway = await runGateway();
    const { body } = await gateway.api("GET", "/openapi.json");
    const paths: Readonly<Record<string, object>> = body.paths;
    const known = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replaceAll(/\{[^}]+\}/g, "{}")}`)
    );

    const named = GUIDE.flatMap(({ texts }) => routesIn(texts[language]));

    assert(named.length > 15);
    assertEquals(named.filter((route) => !known.includes(route)), []);
  });
}
