import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { spellingsOf } from "../../src/events/spellings.ts";

for (
  const [country, short, long] of [
    ["Brazil", "551187654321", "5511987654321"],
    ["Brazil, far from the coast", "556599345678", "5565999345678"],
    ["Mexico", "525512345678", "5215512345678"],
    ["Argentina", "541123456789", "5491123456789"],
  ] as const
) {
  Deno.test(`spellings of a number of ${country} are two, whichever is given`, () => {
    assertEquals(spellingsOf(short), [short, long]);
    assertEquals(spellingsOf(long), [long, short]);
    assertEquals(spellingsOf(`${short}@s.whatsapp.net`), [
      `${short}@s.whatsapp.net`,
      `${long}@s.whatsapp.net`,
    ]);
  });
}

for (
  const [what, address] of [
    ["a fixed line of Brazil", "551134567890"],
    ["a mobile number of Brazil that never had eight digits", "5511934567890"],
    ["a number of Indonesia", "628123456789"],
    ["a hidden identity that looks like a number", "551187654321@lid"],
    ["a group", "5511876543210-1500000000@g.us"],
  ] as const
) {
  Deno.test(`spellings of ${what} are one`, () => {
    assertEquals(spellingsOf(address), [address]);
  });
}

Deno.test("spellings of a number are those of each of its spellings", () => {
  const countries = fc.constantFrom("55", "52", "521", "54", "549", "62", "1", "44");
  fc.assert(fc.property(countries, fc.stringMatching(/^\d{8,11}$/), (country, rest) => {
    const all = spellingsOf(country + rest);
    for (const each of all) assertEquals([...spellingsOf(each)].sort(), [...all].sort());
  }));
});
