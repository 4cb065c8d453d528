// Stanzas in requests to the control API: nodes as JSON.
import { Buffer } from "node:buffer";
import { z } from "zod";
import type { Attrs } from "../people/chat.ts";
import { type BinaryNode, node } from "../wire/nodes.ts";

/** A node as JSON; its content is children, a text, or bytes as base64. */
export interface NodeBody {
  readonly tag: string;
  readonly attrs?: Readonly<Record<string, string>>;
  readonly children?: readonly NodeBody[];
  readonly text?: string;
  readonly base64?: string;
}

export const stanza: z.ZodType<NodeBody> = z.strictObject({
  tag: z.string().min(1),
  attrs: z.record(z.string(), z.string()).optional(),
  get children() {
    return z.array(stanza).optional();
  },
  text: z.string().optional(),
  base64: z.base64().optional(),
});

export function nodeOf({ tag, attrs, children, text, base64 }: NodeBody): BinaryNode {
  if (base64 !== undefined) return node(tag, attrs, Buffer.from(base64, "base64"));
  if (text !== undefined) return node(tag, attrs, Buffer.from(text));
  return node(tag, attrs, children?.map(nodeOf));
}

/** Attributes of a request: null takes one away. */
export function attrsOf(given: Readonly<Record<string, string | null>> | undefined): Attrs | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? undefined]));
}
