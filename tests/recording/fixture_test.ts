import { assertEquals, assertThrows } from "@std/assert";
import { type FixtureHeader, lineOf } from "../../src/recording/fixture.ts";
import { readFixture } from "../../src/recording/read_fixture.ts";

const HEADER: FixtureHeader = {
  format: "kabar-wire",
  version: 1,
  startedAt: 1_900_000_000_000,
  me: { number: "628110000001" },
  texts: "dropped",
};
const STANZA = {
  at: 5,
  stanza: { tag: "call", attrs: { id: "1" }, children: [{ tag: "offer", attrs: {} }] },
};

Deno.test("record is read as it was written", () => {
  const fixture = readFixture(lineOf(HEADER) + lineOf(STANZA));

  assertEquals(fixture, { header: HEADER, stanzas: [STANZA] });
});

Deno.test("record that was cut off by a crash is read up to there", () => {
  const text = lineOf(HEADER) + lineOf(STANZA) + lineOf(STANZA).slice(0, 20);

  assertEquals(readFixture(text).stanzas, [STANZA]);
});

Deno.test("record that is none is refused with the line and what is wrong", () => {
  assertThrows(() => readFixture(""), SyntaxError, "no lines");
  assertThrows(() => readFixture("hello\n"), SyntaxError, "line 1 is not JSON");
  assertThrows(
    () => readFixture(lineOf({ ...HEADER, version: 1 }).replace("1", "9")),
    SyntaxError,
    "line 1, version",
  );
  assertThrows(() => readFixture(`${lineOf(HEADER)}{"at":1}\n`), SyntaxError, "line 2, stanza");
});
