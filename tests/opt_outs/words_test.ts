import { assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS, readingOf } from "../../src/opt_outs/words.ts";

for (
  const [text, expected] of [
    ["STOP", "out"],
    ["stop", "out"],
    [" Stop! ", "out"],
    ["“stop”.", "out"],
    ["ＳＴＯＰ", "out"],
    ["s.t.o.p", "out"],
    ["Stop 🙏", "out"],
    ["Berhenti\n", "out"],
    ["st\u200bop", "out"],
    ["mulai", "in"],
    ["START…", "in"],
    ["please stop", undefined],
    ["stop it", undefined],
    ["stopp", undefined],
    ["!", undefined],
    ["", undefined],
    [`stop${" ".repeat(200)}`, undefined],
  ] as const
) {
  Deno.test(`opt-out words read ${JSON.stringify(text.slice(0, 20))} as ${expected ?? "nothing"}`, () => {
    assertEquals(readingOf(DEFAULT_SETTINGS)(text), expected);
  });
}

Deno.test("opt-out words of a tenant are compared as they are read, and an empty list listens to nothing", () => {
  const reading = readingOf({ ...DEFAULT_SETTINGS, stopWords: ["Tidak Mau!"], startWords: [] });

  assertEquals([reading("tidak   mau"), reading("stop"), reading("start")], ["out", undefined, undefined]);
});
