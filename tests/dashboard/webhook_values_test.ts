import { assertEquals } from "@std/assert";
import { headersOf } from "../../src/dashboard/pages/webhook_values.ts";

Deno.test("headers are read line by line, whatever blanks are around", () => {
  const read = headersOf(" Authorization :  Bearer a:b \r\n\n\tX-Shop:1\nX-Empty:");

  assertEquals(read, { Authorization: "Bearer a:b", "X-Shop": "1", "X-Empty": "" });
  assertEquals(headersOf(""), {});
});

Deno.test("headers are refused when a line is none", () => {
  const lines = ["no colon", ": no name", "two words: x", "X-Good: 1\nbad"];

  assertEquals(lines.map(headersOf), lines.map(() => undefined));
});

Deno.test("headers with many blanks are read at once", () => {
  const blanks = " ".repeat(2_000_000); // nobody would wait for time that grows with the square of it

  assertEquals(headersOf(`X-A: b${blanks}c`), { "X-A": `b${blanks}c` });
});
