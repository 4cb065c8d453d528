import { assert, assertEquals, assertMatch } from "@std/assert";
import { EVENT_GUIDE } from "../../src/events/guide.ts";
import { EXAMPLES, examplesOf } from "../../src/events/examples/mod.ts";
import { eventCatalogue } from "../../src/formats/catalogue.ts";
import { FORMAT_NAMES, formatOf } from "../../src/formats/mod.ts";
import { EVENT_TYPES } from "../support/arbitrary_events.ts";

const catalogue = eventCatalogue();

Deno.test("the catalogue has every type of event, with a sentence on when it comes and what to do", () => {
  assertEquals(catalogue.map(({ type }) => type).toSorted(), EVENT_TYPES.toSorted());
  for (const { summary, when, whatToDo } of Object.values(EVENT_GUIDE)) {
    for (const text of [summary, when, whatToDo]) assertMatch(text, /^[A-Z].*\.$/s);
  }
});

Deno.test("the catalogue has an example of every type of event, each under a kind of its own", () => {
  for (const type of EVENT_TYPES) {
    const kinds = examplesOf(type).map(({ kind }) => kind);

    assert(kinds.length > 0, type);
    assertEquals(kinds.length, new Set(kinds).size, type);
  }
});

Deno.test("the catalogue shows every name that can be subscribed to, in every format", () => {
  for (const format of FORMAT_NAMES) {
    const shown = new Set(catalogue.flatMap(({ names }) => names[format]));

    assertEquals(formatOf(format).names.filter((name) => !shown.has(name)), [], format);
  }
});

Deno.test("the catalogue renders every example in every format that can tell of it, with its headers", () => {
  for (const { type, examples } of catalogue) {
    for (const { kind, formats } of examples) {
      const told = FORMAT_NAMES.filter((format) => formats[format].length > 0);
      assert(told.length > 0, `${type} ${kind} is told in no format`);
      for (const format of told) {
        for (const { headers, body } of formats[format]) {
          assertEquals(typeof JSON.parse(body), "object");
          assertEquals(headers["Content-Type"], "application/json");
          for (
            const own of formatOf(format).ownHeaders.filter((name) => /signature(?!.*-next$)/i.test(name))
          ) {
            assert(headers[own] !== undefined, `${format} has no ${own}`);
          }
        }
      }
    }
  }
});

Deno.test("the catalogue describes every field", () => {
  for (const { type, fields } of catalogue) {
    assertEquals(fields.filter(({ description }) => description === ""), [], type);
    assertEquals(new Set(fields.map(({ path }) => path)).size, fields.length, type);
  }
});

Deno.test("the examples name nobody: numbers that cannot be dialled, and domains for examples only", () => {
  const text = JSON.stringify(EXAMPLES);

  assertEquals((text.match(/62\d{9,13}/g) ?? []).filter((number) => !number.startsWith("628000000")), []);
  const hosts = (text.match(/https?:\/\/[^/"]+/g) ?? []).map((url) => new URL(url).hostname);
  assertEquals(hosts.filter((host) => !host.endsWith(".example")), []);
});
