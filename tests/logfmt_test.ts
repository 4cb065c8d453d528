import { assertEquals } from "@std/assert";
import { getLogfmtFormatter, type LogRecord } from "@logtape/logtape";
import fc from "fast-check";
import { logfmt } from "../src/logfmt.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "true",
    "null",
    "a b",
    'say "x"',
    "a=b",
    "C:\\x",
    "tab\t",
    "\x1b[31m",
    "é",
    "\ufffd",
    "\u0085",
  ),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, [], {}, [1, "a"], 12n, new Error("no"), new Date(0)),
  fc.jsonValue(),
);
const record: fc.Arbitrary<LogRecord> = fc.record({
  category: fc.constantFrom(["kabar", "http"], ["kabar", "webhooks"]),
  level: fc.constantFrom("debug" as const, "info" as const, "warning" as const, "error" as const),
  message: fc.oneof(text.map((one) => [one]), fc.tuple(text, value, text)),
  rawMessage: fc.constant("webhook.delivered"),
  timestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  properties: fc.dictionary(fc.oneof(fc.constantFrom("webhook", "ms", "a.b", "a b", "ü", "%"), text), value),
});

Deno.test("log lines are what LogTape writes, to the letter", () => {
  const thorough = getLogfmtFormatter();

  fc.assert(
    fc.property(record, (one) => assertEquals(logfmt(one), thorough(one))),
    { numRuns: 3_000 },
  );
});
