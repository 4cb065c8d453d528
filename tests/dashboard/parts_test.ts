import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { allAssets } from "../../src/dashboard/assets/assets.ts";
import { formatsOf } from "../../src/dashboard/formats.ts";
import { safeNext } from "../../src/dashboard/http/forms.ts";
import { atOf } from "../../src/dashboard/local_time.ts";
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

Deno.test("dashboard takes a typed time as the reader's clocks show it, also on days on which they change", () => {
  const at = (text: string, zone: string) => {
    const ms = atOf(text, formatsOf("en", zone));
    return Number.isNaN(ms) ? "none" : new Date(ms).toISOString().slice(5, 16);
  };

  assertEquals(at("2027-03-28T08:00", "Asia/Jakarta"), "03-28T01:00");
  assertEquals(
    ["2027-03-28T01:30", "2027-03-28T03:30", "2027-10-31T01:30", "2027-10-31T03:30"]
      .map((text) => at(text, "Europe/Berlin")),
    ["03-28T00:30", "03-28T01:30", "10-30T23:30", "10-31T02:30"],
  );
  assertEquals(
    ["2027-03-14T01:30", "2027-03-14T03:30", "2027-11-07T00:30", "2027-11-07T03:00"]
      .map((text) => at(text, "America/New_York")),
    ["03-14T06:30", "03-14T07:30", "11-07T04:30", "11-07T08:00"],
  );
  assertEquals(at("2027-03-28", "Europe/Berlin"), "none");
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
