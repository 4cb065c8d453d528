import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { allAssets } from "../../src/dashboard/assets/assets.ts";
import { safeNext } from "../../src/dashboard/http/forms.ts";
import { TABLES } from "../../src/dashboard/words/mod.ts";

const DASHBOARD = new URL("../../src/dashboard/", import.meta.url);

Deno.test("dashboard words are there in both languages", () => {
  for (const [area, pairs] of Object.entries(TABLES)) {
    for (const [name, pair] of Object.entries(pairs)) {
      assertEquals(pair.length, 2, `${area}.${name}`);
      for (const word of pair) {
        if (typeof word === "string") assert(word.trim() !== "", `${area}.${name}`);
      }
    }
  }
});

Deno.test("dashboard assets take less than 100 kB compressed", () => {
  const bytes = [...allAssets().values()].reduce(
    (sum, { bytes, gzipped }) => sum + (gzipped ?? bytes).length,
    0,
  );

  assertLess(bytes, 100_000);
});

Deno.test("dashboard never writes markup that was not escaped", async () => {
  for await (const [path, text] of sources(DASHBOARD)) {
    const found = /\braw\(|dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|hx-on|style=/.exec(text);
    assertEquals(found?.[0], undefined, path);
  }
});

Deno.test("dashboard goes only to its own pages after signing in", () => {
  const cases: Readonly<Record<string, string>> = {
    "/ui/devices?x=1": "/ui/devices?x=1",
    "/ui": "/ui",
    "/uix": "/ui",
    "//evil.example/ui": "/ui",
    "https://evil.example/ui": "/ui",
    "/ui/../v1/devices": "/ui",
    "/ui\\@evil.example": "/ui",
    "javascript:alert(1)": "/ui",
    "/ui/\n": "/ui",
    "": "/ui",
  };
  for (const [next, expected] of Object.entries(cases)) assertEquals(safeNext(next), expected, next);
  assertEquals(safeNext(undefined), "/ui");
});

Deno.test("dashboard says whose icons and letters it uses", async () => {
  const notice = await Deno.readTextFile(new URL("assets/NOTICE.txt", DASHBOARD));

  assertStringIncludes(notice, "Lucide");
  assertStringIncludes(notice, "SIL OPEN FONT LICENSE");
});

async function* sources(folder: URL): AsyncIterable<readonly [string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(path);
    else if (/\.(tsx?|js)$/.test(name)) yield [path.pathname, await Deno.readTextFile(path)];
  }
}

Deno.test("dashboard style sheets close what they open", async () => {
  for (const name of ["ui.css", "ui_phone.css"]) {
    const text = await Deno.readTextFile(new URL(`assets/${name}`, DASHBOARD));

    assertEquals(text.split("{").length, text.split("}").length, name);
    assert(
      !/^\s+\.[\w-]+ \{/m.test(text.replaceAll(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, "")),
      name,
    );
  }
});
