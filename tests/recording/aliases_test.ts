import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createAliases } from "../../src/recording/aliases.ts";

Deno.test("aliases are consistent, and keep servers and devices", () => {
  const aliases = createAliases({ keepTexts: false });

  const once = [
    "4917012345678@s.whatsapp.net",
    "4917012345678:12@s.whatsapp.net",
    "98765:3@lid",
    "120363999@g.us",
  ]
    .map((jid) => aliases.jid(jid));

  assertEquals(once, [
    "628110000001@s.whatsapp.net",
    "628110000001:12@s.whatsapp.net",
    "10000000000001:3@lid",
    "120363000000000001@g.us",
  ]);
  assertEquals(aliases.jid("s.whatsapp.net"), "s.whatsapp.net");
  assertEquals(aliases.jid("status@broadcast"), "status@broadcast");
  assertEquals(aliases.jid("13135550002@bot"), "13135550002@bot");
});

Deno.test("aliases of texts keep who is mentioned, and nothing else", () => {
  const aliases = createAliases({ keepTexts: false });
  aliases.jid("4917012345678@s.whatsapp.net");
  const said = "Hi @4917012345678, my PIN is 998877";

  const text = aliases.text(said);

  assertMatch(text, /^Text [a-z]{8} @628110000001$/);
  assertMatch(aliases.text("other"), /^Text [a-z]{8}$/);
  assertNotEquals(aliases.text("other"), text.split(" @")[0]);
  assertEquals([aliases.text(said), aliases.text("")], [text, ""]);
});

Deno.test("aliases of texts that are kept replace the numbers in them", () => {
  const aliases = createAliases({ keepTexts: true });
  aliases.jid("4917012345678@s.whatsapp.net");

  const text = aliases.text("Call 4917012345678 or 491709999999, room 12");

  assert(text.startsWith("Call 628110000001 or ") && text.endsWith(", room 12"), text);
  assertEquals(text.includes("491709999999"), false);
});

Deno.test("aliases of bytes have their length, and differ between records", () => {
  const [one, other] = [createAliases({ keepTexts: false }), createAliases({ keepTexts: false })];
  const secret = Buffer.alloc(70, 7);

  assertEquals([one.bytes(secret).length, one.bytes(secret).equals(one.bytes(secret))], [70, true]);
  assertNotEquals(one.bytes(secret), other.bytes(secret));
});
