import { assertEquals, assertThrows } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { kindOf, parsePhone, parseRecipient, phoneOf, plainJid } from "../../src/whatsapp/jid.ts";

const ANNA = "628123456789@s.whatsapp.net";

for (
  const [given, jid] of [
    ["628123456789", ANNA],
    ["+628123456789", ANNA],
    ["+62 812-3456-789", ANNA],
    ["(+62) 812.3456.789", ANNA],
    ["00628123456789", ANNA],
    ["08123456789", ANNA],
    ["0812 3456 789", ANNA],
    [" 628123456789 ", ANNA],
    [ANNA, ANNA],
    ["628123456789:12@s.whatsapp.net", ANNA],
    ["628123456789@c.us", ANNA],
    ["08123456789@c.us", ANNA],
    ["8123456789012@lid", "8123456789012@lid"],
    ["8123456789012:3@lid", "8123456789012@lid"],
    ["120363000000000001@g.us", "120363000000000001@g.us"],
    ["628123456789-1400000000@g.us", "628123456789-1400000000@g.us"],
  ] as const
) {
  Deno.test(`recipient "${given}" is understood`, () => {
    assertEquals(parseRecipient(given), jid);
  });
}

for (
  const given of [
    "",
    "Anna",
    "12345",
    "6281234567890123456",
    "62812345678x",
    "status@broadcast",
    "anna@gmail.com",
    "@g.us",
    "abc@lid",
    "+",
    "0".repeat(12),
  ]
) {
  Deno.test(`recipient "${given}" is refused, naming the field and what it takes`, () => {
    const error = assertThrows(() => parseRecipient(given, { field: "messages[2].to" }), InvalidError);

    assertEquals(error.field, "messages[2].to");
    assertEquals(error.message.includes('"628123456789"') && error.message.includes("@g.us"), true);
  });
}

Deno.test("recipient with a leading 0 is of the given country", () => {
  assertEquals(parseRecipient("0151 2345678", { countryCode: "49" }), "491512345678@s.whatsapp.net");
});

Deno.test("phone takes a number in any spelling, but no group", () => {
  assertEquals(parsePhone("0812-3456-789"), "628123456789");
  assertThrows(() => parsePhone("120363000000000001@g.us"), InvalidError, "phone number");
});

Deno.test("jid loses its device, its agent, and the names of other servers", () => {
  assertEquals(
    ["628:4@s.whatsapp.net", "628_1:4@s.whatsapp.net", "628@c.us", "81:99@hosted.lid"].map(plainJid),
    [
      "628@s.whatsapp.net",
      "628@s.whatsapp.net",
      "628@s.whatsapp.net",
      "81@lid",
    ],
  );
});

Deno.test("jid tells what kind of chat it names, and its phone number", () => {
  const jids = [ANNA, "81@lid", "1@g.us", "1@broadcast", "1@newsletter"];

  assertEquals(jids.map(kindOf), ["person", "person", "group", "broadcast", "newsletter"]);
  assertEquals(jids.map(phoneOf), ["628123456789", null, null, null, null]);
});
