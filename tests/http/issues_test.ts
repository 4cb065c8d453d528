import { assertEquals } from "@std/assert";
import { z } from "@hono/zod-openapi";
import { body } from "../../src/http/fields.ts";
import { faultOf } from "../../src/http/issues.ts";

const schema = body({
  url: z.string().min(3),
  events: z.array(z.string()).min(1),
  ordering: z.enum(["none", "chat"]).optional(),
  timeout: z.number().min(1).max(60).optional(),
  recovery: z.boolean().optional(),
  secret: z.string().max(4).optional(),
  count: z.int().optional(),
  target: z.string().refine((text) => text.startsWith("http"), "must be an http or https URL").optional(),
});

function sentenceOf(input: unknown): string {
  const parsed = schema.safeParse(input);
  return parsed.error?.issues.map((issue) => faultOf(issue, "json", input).message).join("; ") ?? "none";
}

const good = { url: "https://a", events: ["*"] };

const cases: readonly (readonly [what: string, input: unknown, sentence: string])[] = [
  ["an array for the body", [], "The body must be an object, got an empty array"],
  ["a missing field", { events: ["*"] }, "Field `url` is required: it must be a string"],
  ["a number for a string", { ...good, url: 5 }, "Field `url` must be a string, got 5"],
  ["a string for an array", { ...good, events: "*" }, 'Field `events` must be an array, got "*"'],
  ["an empty array", { ...good, events: [] }, "Field `events` must have at least 1 item, got an empty array"],
  ["a wrong item", { ...good, events: ["*", 7] }, "Field `events[1]` must be a string, got 7"],
  ["null", { ...good, url: null }, "Field `url` must be a string, got null"],
  ["a word not listed", { ...good, ordering: "x" }, 'Field `ordering` must be one of none, chat, got "x"'],
  ["too large a number", { ...good, timeout: 61 }, "Field `timeout` must be at most 60, got 61"],
  ["too small a number", { ...good, timeout: 0 }, "Field `timeout` must be at least 1, got 0"],
  ["too short a string", { ...good, url: "ab" }, 'Field `url` must have at least 3 characters, got "ab"'],
  ["a word for a flag", { ...good, recovery: "yes" }, 'Field `recovery` must be true or false, got "yes"'],
  ["a fraction", { ...good, count: 1.5 }, "Field `count` must be a whole number, got 1.5"],
  [
    "a schema's own words",
    { ...good, target: "ftp://x" },
    'Field `target` must be an http or https URL, got "ftp://x"',
  ],
  [
    "a secret, without repeating it",
    { ...good, secret: "hunter2" },
    "Field `secret` must have at most 4 characters, got a string of 7 characters",
  ],
  [
    "a typo",
    { ...good, event: ["*"] },
    "Unknown field `event`: did you mean `events`?",
  ],
  [
    "a word of another system",
    { ...good, endpoint: "https://a" },
    "Unknown field `endpoint`: did you mean `url`?",
  ],
  [
    "a field that is like none",
    { ...good, colour: "red" },
    "Unknown field `colour`: this takes `url`, `events`, `ordering`, `timeout`, `recovery`, `secret`, `count`, `target`",
  ],
];

for (const [what, input, sentence] of cases) {
  Deno.test(`issues tell about ${what}`, () => {
    assertEquals(sentenceOf(input), sentence);
  });
}

Deno.test("issues shorten long values", () => {
  const sentence = sentenceOf({ ...good, ordering: "x".repeat(1000) });

  assertEquals(sentence.length < 150, true);
});

Deno.test("issues cope with fields named like what every object has", () => {
  const sentence = sentenceOf(JSON.parse('{"url":"https://a","events":["*"],"__proto__":1,"constructor":2}'));

  assertEquals(sentence.includes("constructor"), true);
});
