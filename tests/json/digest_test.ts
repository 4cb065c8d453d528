import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { JsonFieldsError } from "../../src/json/fields.ts";
import { RequestDigest } from "../../src/json/digest.ts";

function digestOf(fields: Readonly<Record<string, unknown>>, items: readonly unknown[]): string {
  const digest = new RequestDigest();
  for (const item of items) digest.item(item);
  return digest.end(fields);
}

Deno.test("request digest is the same whatever the order of the fields", () => {
  const digests = [
    digestOf({ message: "Halo", pace: { perHour: 1, perDay: 2 } }, [{ phone: "1", name: "A" }]),
    digestOf({ pace: { perDay: 2, perHour: 1 }, message: "Halo" }, [{ name: "A", phone: "1" }]),
  ];

  assertEquals(digests[0], digests[1]);
});

const OTHERS: readonly (readonly [string, Record<string, unknown>, readonly unknown[]])[] = [
  ["another field", { message: "Halo!" }, ["1", "2"]],
  ["one field more", { message: "Halo", device: "shop" }, ["1", "2"]],
  ["another recipient", { message: "Halo" }, ["1", "3"]],
  ["another order of recipients", { message: "Halo" }, ["2", "1"]],
  ["recipients run together", { message: "Halo" }, ["12"]],
  ["a number for a text", { message: "Halo" }, [1, "2"]],
];

for (const [what, fields, items] of OTHERS) {
  Deno.test(`request digest tells requests apart (${what})`, () => {
    assertNotEquals(digestOf(fields, items), digestOf({ message: "Halo" }, ["1", "2"]));
  });
}

Deno.test("request digest refuses what is nested too deeply", () => {
  const deep = JSON.parse("[".repeat(30_000) + "]".repeat(30_000));

  assertThrows(() => new RequestDigest().item(deep), JsonFieldsError, "nested too deeply");
});
