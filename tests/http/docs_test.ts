import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { setUpHttp } from "../support/http.ts";

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
