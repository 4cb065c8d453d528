import { assertEquals } from "@std/assert";
import { suggestionFor } from "../../src/http/suggest.ts";

const KNOWN = ["url", "events", "format", "secret", "retry", "timeout", "headers", "status", "keep_old_for"];

for (
  const [given, meant] of [
    ["event", "events"],
    ["Events", "events"],
    ["fromat", "format"],
    ["URL", "url"],
    ["webhookUrl", "url"],
    ["enabled", "status"],
    ["retryCount", "retry"],
    ["keepOldFor", "keep_old_for"],
    ["keep-old-for", "keep_old_for"],
    ["header", "headers"],
  ] as const
) {
  Deno.test(`suggestion for "${given}" is "${meant}"`, () => {
    assertEquals(suggestionFor(given, KNOWN), meant);
  });
}

for (const given of ["colour", "x", "", "a".repeat(100_000)]) {
  Deno.test(`suggestion for a word of ${given.length} letters that is like none is nothing`, () => {
    assertEquals(suggestionFor(given, KNOWN), undefined);
  });
}
