import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { runScript } from "../support/browser.ts";
import { API_KEY, setUpHttp, type TestHttp } from "../support/http.ts";

const FILES = [["/docs", "text/html"], ["/docs/page.js", "text/javascript"], ["/docs/page.css", "text/css"]];

for (const [path, type] of FILES) {
  Deno.test(`docs serve ${path} to everybody`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", path, { key: null });

    assertEquals([answer.status, answer.headers.get("Content-Type")], [200, `${type}; charset=utf-8`]);
    assert(answer.text.length > 200);
  });

  Deno.test(`docs work without the internet (${path})`, async () => {
    await using http = await setUpHttp();

    const answer = await http.ask("GET", path, { key: null });

    assertFalse(
      /(https?:)?\/\/[a-z0-9.-]+\.[a-z]+/i.test(answer.text.replaceAll(/^\s*\/\/ .*$/gm, "")),
      path,
    );
    const policy = String(answer.headers.get("Content-Security-Policy"));
    assertStringIncludes(policy, "default-src 'none'");
    assertFalse(policy.includes("unsafe"));
    assertFalse(/https?:/.test(policy));
  });
}

Deno.test("docs page names the version and only files that exist", async () => {
  await using http = await setUpHttp();
  const page = await http.ask("GET", "/docs", { key: null });

  const links = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link);

  assertStringIncludes(page.text, VERSION);
  assertEquals(links.length, 3);
  for (const link of links) assertEquals((await http.ask("GET", link, { key: null })).status, 200, link);
});

Deno.test("docs page puts nothing from the document in as markup", async () => {
  await using http = await setUpHttp();

  const script = await http.ask("GET", "/docs/page.js", { key: null });

  assertFalse(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/.test(script.text));
});

async function openPage(http: TestHttp) {
  const script = await http.ask("GET", "/docs/page.js", { key: null });
  const page = runScript(script.text, (url, init) => Promise.resolve(http.app.request(url, init)));
  const operations = page.querySelector("#operations");
  const until = Date.now() + 10_000;
  while (operations.all("details").length === 0) {
    if (Date.now() > until) throw new Error(`The page shows "${operations.textContent}"`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { page, operations };
}

Deno.test("docs page shows every route, and opens each", async () => {
  await using http = await setUpHttp();
  const { paths } = (await http.ask("GET", "/openapi.json")).at("") as { readonly paths: object };
  const count = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);

  const { operations } = await openPage(http);
  const shown = operations.all("details");
  for (const details of shown) await details.happen("toggle");

  assertEquals(shown.length, count);
  for (const details of shown) assertStringIncludes(details.textContent, "curl -X ");
  assertStringIncludes(operations.textContent, "keep_old_for");
});

Deno.test("docs page sends a request with the key that was typed in", async () => {
  await using http = await setUpHttp();
  const { page, operations } = await openPage(http);
  page.querySelector("#api-key").value = API_KEY;
  const details = operations.all("details").find((it) => it.textContent.startsWith("GET/v1/webhooks "))!;
  await details.happen("toggle");

  await details.all("button")[0].happen("click");

  assertStringIncludes(details.textContent, '"webhooks": []');
});
