// A record of the wire: what WhatsApp sent one device, decrypted and redacted, so that the simulator can play it again.
// The file is JSON lines: a header, then one stanza a line, in the order in which the device handled them.
import { z } from "zod";

/** A node of the protocol as JSON. */
export interface RecordedNode {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children?: readonly RecordedNode[];
  readonly text?: string;
  readonly base64?: string;
  /** Instead of an encrypted part: what was inside, a `Message` protobuf without padding as base64. */
  readonly plain?: string;
  /** The device could not decrypt this part. */
  readonly unreadable?: boolean;
}

export interface RecordedStanza {
  /** Milliseconds since the record began. */
  readonly at: number;
  readonly stanza: RecordedNode;
}

export interface FixtureHeader {
  readonly format: "kabar-wire";
  readonly version: 1;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The account's own addresses, as they are called in the record. */
  readonly me: { readonly number: string; readonly lid?: string };
  /** "dropped": every text is a stand-in. */
  readonly texts: "dropped" | "kept";
}

export interface Fixture {
  readonly header: FixtureHeader;
  readonly stanzas: readonly RecordedStanza[];
}

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

/** One line of the file, with its line break. */
export function lineOf(part: FixtureHeader | RecordedStanza): string {
  return `${JSON.stringify(part)}\n`;
}

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
