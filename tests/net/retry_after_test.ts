import { assertEquals } from "@std/assert";
import { parseRetryAfter } from "../../src/net/retry_after.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

const READ: readonly (readonly [string | string[] | undefined, number | null])[] = [
  [undefined, null],
  ["120", 120_000],
  [" 3 ", 3_000],
  ["0", 0],
  [["5", "9"], 5_000],
  ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
  ["Sunday, 01-Mar-26 12:00:30 GMT", 30_000],
  ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ["-5", null],
  ["1.5", 1_500],
  ["190.5", 190_500],
  ["Sun Mar  1 12:03:10 2026", 190_000],
  ["Sun Mar 01 12:03:10 2026", 190_000],
  ["Sun, 1 Mar 2026 12:03:10 GMT", 190_000],
  ["Sun, 01 Mar 2026 12:03:10 +0000", 190_000],
  ["soon", null],
  ["2026-03-01", null],
  ["", null],
  ["99999999999999999999", null],
];

for (const [header, waitMs] of READ) {
  Deno.test(`Retry-After ${JSON.stringify(header)} asks for ${waitMs} ms`, () => {
    assertEquals(parseRetryAfter(header, NOW), waitMs);
  });
}
