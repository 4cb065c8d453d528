import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsonFields, JsonFieldsError } from "../../src/json/fields.ts";

/** Reads a text that comes in pieces of this size. */
function read(text: string, size = 7) {
  const bytes = new TextEncoder().encode(text);
  const reader = new JsonFields("list");
  const fields: Record<string, unknown> = {};
  const items: unknown[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    for (const part of reader.push(bytes.subarray(start, start + size))) {
      if (part.what === "item") items.push(part.value);
      else fields[part.name] = part.value;
    }
  }
  reader.end();
  return { fields, items };
}

Deno.test("json fields come as they are complete, items of the list one by one", () => {
  const text = '{"a": 1, "list": [{"x": "]}"}, 2, "three", null], "b": {"c": [1, 2]}, "d": "é\\"}"}';

  const result = read(text);

  assertEquals(result, {
    fields: { a: 1, b: { c: [1, 2] }, d: 'é"}' },
    items: [{ x: "]}" }, 2, "three", null],
  });
});

Deno.test("json fields read what JSON.parse reads, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      fc.dictionary(fc.string().filter((name) => name !== "list" && name !== "__proto__"), fc.jsonValue()),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(undefined, 2),
      (list, others, size, indent) => {
        const text = JSON.stringify({ ...others, list }, null, indent);

        const { fields, items } = read(text, size);

        const { list: expected, ...rest } = JSON.parse(text);
        assertEquals(items, expected);
        assertEquals(fields, rest);
      },
    ),
  );
});

const BROKEN = [
  "",
  "{",
  "[]",
  "7",
  '{"a" 1}',
  '{"a": 1,}',
  '{"a": 1} x',
  '{"list": [1,]}',
  '{"list": [1 2]}',
  '{"list": [}',
  '{"a": tru}',
  '{"a": {"b": ]}}',
  "{'a': 1}",
  '{"a": "x}',
];
for (const text of BROKEN) {
  Deno.test(`json fields refuse what is not JSON (${text})`, () => {
    assertThrows(() => read(text), JsonFieldsError);
  });
}

Deno.test("json fields refuse what JSON.parse refuses", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    const text = `{"list": [${a}], "x": ${b}}`;
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }

    if (valid) read(text);
    else assertThrows(() => read(text), JsonFieldsError);
  }));
});

Deno.test("json fields bound the size of an item", () => {
  const text = `{"list": ["${"x".repeat(70_000)}"]}`;

  assertThrows(() => read(text, 1_000), JsonFieldsError, "at most 64 KiB");
});
