// Apart from what writes records, since zod takes each thread of sessions longer to load than a record needs in all.
import { z } from "zod";
import type { Fixture, RecordedNode } from "./fixture.ts";

const node: z.ZodType<RecordedNode> = z.object({
  tag: z.string().min(1),
  attrs: z.record(z.string(), z.string()),
  get children() {
    return z.array(node).optional();
  },
  text: z.string().optional(),
  base64: z.base64().optional(),
  plain: z.base64().optional(),
  unreadable: z.boolean().optional(),
});
const line = z.object({ at: z.number().nonnegative(), stanza: node });
const header = z.object({
  format: z.literal("kabar-wire"),
  version: z.literal(1),
  startedAt: z.number(),
  me: z.object({ number: z.string().regex(/^\d+$/), lid: z.string().regex(/^\d+$/).optional() }),
  texts: z.enum(["dropped", "kept"]),
});

/**
 * Reads a record. A last line that was cut off by a crash is left out.
 * @throws {SyntaxError} If it is none; it names the line and what is wrong with it.
 */
export function readFixture(text: string): Fixture {
  const isWhole = text.endsWith("\n");
  const lines = text.split("\n").filter((each) => each !== "");
  const [first, ...rest] = isWhole ? lines : lines.slice(0, -1);
  if (first === undefined) throw new SyntaxError("Cannot read the record: it has no lines");
  return {
    header: parse(header, first, 1),
    stanzas: rest.map((each, index) => parse(line, each, index + 2)),
  };
}

function parse<T>(schema: z.ZodType<T>, text: string, number: number): T {
  const result = schema.safeParse(json(text, number));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new SyntaxError(
    `Cannot read the record: line ${number}, ${path.join(".") || "the line"}: ${message}`,
  );
}

function json(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot read the record: line ${number} is not JSON`);
  }
}
