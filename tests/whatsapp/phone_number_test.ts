import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readPhone } from "../../src/whatsapp/phone_number.ts";

/** What is read: digits, with a question mark when it is a guess, or null when it is refused. */
function read(text: string, countryCode = "62"): string | null {
  const phone = readPhone(text, countryCode);
  return phone.ok ? phone.digits + (phone.guessed ? "?" : "") : null;
}

for (
  const [given, digits, countryCode] of [
    // as a spreadsheet writes it
    ["6281234567890.0", "6281234567890?"],
    ["6281234567890.00", "6281234567890?"],
    ["6281234567890,0", "6281234567890?"],
    ["+6281234567890.0", "6281234567890?"],
    ["081234567890.0", "6281234567890?"],
    ["'08123456789", "628123456789"],
    ["’+628123456789", "628123456789"],
    // signs that nobody sees, and those of other keyboards
    ["\u202a+62 812\u20113456\u2011789\u202c", "628123456789"],
    ["+62 812–3456–789", "628123456789"],
    ["+62\u00a0812\u2009345\u202f6789", "628123456789"],
    ["\u200b628123456789\ufeff", "628123456789"],
    ["62812\u00ad3456789", "628123456789"],
    ["+62 812−3456—789", "628123456789"],
    ["8１２3456789", "628123456789?"],
    ["６２８１２３４５６７８９", "628123456789"],
    ["٠٨١٢٣٤٥٦٧٨٩", "628123456789"],
    ["＋62 812 3456 789", "628123456789"],
    // a zero that was lost, or is too much
    ["8123456789", "628123456789?"],
    ["+62 (0)812 3456 789", "628123456789?"],
    ["+6208123456789", "628123456789?"],
    ["0812/3456789", "628123456789"],
    ["+49 171/1234567", "491711234567", "62"],
    // other countries' ways
    ["(415) 555-2671", "14155552671?", "1"],
    ["415-555-2671", "14155552671?", "1"],
    ["1 415 555 2671", "14155552671", "1"],
    ["011 62 812 3456 789", "628123456789", "1"],
    ["0011 62 812 3456 789", "628123456789", "61"],
    ["010 62 812 3456 789", "628123456789", "81"],
    ["8 916 123-45-67", "79161234567?", "7"],
    ["0151 2345678", "491512345678", "49"],
    ["06 1234567", "39061234567", "39"],
    ["+819012345678", "819012345678"],
    // what WhatsApp knows, whatever the numbering plan says
    ["+5215512345678", "5215512345678"],
    ["5215512345678", "5215512345678"],
    ["+551181234567", "551181234567"],
    ["551181234567", "551181234567"],
    ["22508091011", "22508091011"],
  ] as readonly (readonly [string, string, string?])[]
) {
  Deno.test(`phone number ${JSON.stringify(given)} of country ${countryCode ?? "62"} is ${digits}`, () => {
    assertEquals(read(given, countryCode), digits);
  });
}

for (
  const [given, countryCode] of [
    ["555-1234 / 555-9876"],
    ["08123456789/08123456788"],
    ["08123456789/10"],
    ["555-1234\n555-9876"],
    ["08123456789, 08123456788"],
    ["6281234567890.5"],
    ["6.28123E+12"],
    ["+999 1234567890"],
    ["+62 1"],
    ["+1234567"],
    ["62812345678901234"],
    ["123456"],
    ["0812345"],
    ["--------"],
    ["\u200b"],
    ["628123456789 ext 5"],
    ["62812+3456789"],
    // two numbers that exist
    ["81234567890"],
    ["819012345678"],
    ["812-3456-7890"],
  ] as readonly (readonly [string, string?])[]
) {
  Deno.test(`phone number ${JSON.stringify(given)} is refused`, () => {
    assertEquals(read(given, countryCode), null);
  });
}

Deno.test("phone number that can be two says which, and how to write it", () => {
  const phone = readPhone("81234567890", "62");

  assertEquals(
    !phone.ok && phone.says,
    "can be +81234567890 or +6281234567890: write it with a plus sign and the country code",
  );
});

/** Mobile numbers of countries whose codes and numbers are easily mistaken for one another's. */
const MOBILES: readonly (readonly [code: string, trunk: string, national: fc.Arbitrary<string>])[] = [
  ["62", "0", numbers(/^8(1[1-3]|5[2-8]|9[5-9])\d{7,8}$/)],
  ["81", "0", numbers(/^[789]0[1-9]\d{7}$/)],
  ["1", "", numbers(/^(415|212|628|812)[2-9][02-9]\d{5}$/)],
  ["49", "0", numbers(/^15(1[1-7]\d{7}|2\d{8})$/)],
  ["55", "0", numbers(/^(11|21|81)9[6-9]\d{7}$/)],
  ["91", "0", numbers(/^9[0-9]{9}$/)],
  ["7", "8", numbers(/^9(16|03|25)\d{7}$/)],
  ["65", "", numbers(/^8[1-8]\d{6}$/)],
  ["60", "0", numbers(/^12[2-9]\d{6}$/)],
  ["41", "0", numbers(/^7[6-9]\d{7}$/)],
];

function numbers(pattern: RegExp): fc.Arbitrary<string> {
  return fc.stringMatching(pattern);
}

const person = fc.constantFrom(...MOBILES).chain(([code, trunk, national]) =>
  national.map((number) => ({ code, trunk, national: number }))
);
const gap = fc.constantFrom("", "", " ", "-", ".", "\u00a0", "\u2011", "–", " - ", "\u200b");

/** The ways in which people write a number, each readable for somebody in its country or abroad. */
const spelling = fc.record({
  person,
  gaps: fc.array(gap, { minLength: 4, maxLength: 4 }),
  way: fc.constantFrom("plus", "exit", "bare", "trunk", "lost", "float", "both", "quote"),
  /** Whether the gateway stands in the person's country; else in any of the others. */
  abroad: fc.option(fc.constantFrom(...MOBILES.map(([code]) => code))),
});

Deno.test("phone number is never read as another person's, however it is spelled", () => {
  fc.assert(
    fc.property(spelling, ({ person: { code, trunk, national }, gaps, way, abroad }) => {
      const country = abroad ?? code;
      // without the country code a number can only be meant at home
      if (country !== code && (way === "trunk" || way === "lost")) return;
      const groups = [national.slice(0, 3), national.slice(3, 6), national.slice(6)];
      const local = groups.map((group, index) => group + (index < 2 ? gaps[index] : "")).join("");
      const text = {
        plus: `+${code}${gaps[2]}${local}`,
        exit: `00${code}${gaps[2]}${local}`,
        bare: `${code}${gaps[2]}${local}`,
        trunk: `${trunk}${local}`,
        lost: local,
        float: `${code}${national}.0`,
        both: `+${code} (${trunk})${local}`,
        quote: `'+${code}${local}`,
      }[way];
      if (way === "exit" && country !== code && ["1", "61", "81"].includes(country)) return;

      const phone = readPhone(text, country);

      if (phone.ok) assertEquals(phone.digits, code + national, JSON.stringify({ text, country }));
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("phone number of anybody is read as it is when it is written with a plus sign", () => {
  fc.assert(fc.property(person, ({ code, national }) => {
    assertEquals(read(`+${code}${national}`), code + national);
  }));
});

Deno.test("phone number read once is read as the same again", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."0123456789+-(). /'\u200b") }), (text) => {
    const phone = readPhone(text, "62");
    if (phone.ok) assertEquals(readPhone(`+${phone.digits}`, "62"), { ...phone, guessed: false });
  }));
});
