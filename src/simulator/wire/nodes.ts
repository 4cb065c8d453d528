// Building and reading the binary nodes (stanzas) that travel inside the encrypted frames.
import { Buffer } from "node:buffer";
import type { BinaryNode } from "@whiskeysockets/baileys";

export type { BinaryNode };
type Attrs = Readonly<Record<string, string | number | undefined>>;

/** Makes a node; attributes that are undefined are left out, numbers become text. */
export function node(tag: string, attrs: Attrs = {}, content?: BinaryNode["content"]): BinaryNode {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) clean[name] = String(value);
  return content === undefined ? { tag, attrs: clean } : { tag, attrs: clean, content };
}

export function children(of: BinaryNode | undefined, tag?: string): BinaryNode[] {
  if (!Array.isArray(of?.content)) return [];
  return tag === undefined ? of.content : of.content.filter((c) => c.tag === tag);
}

export function child(of: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return children(of, tag)[0];
}

/** The content as bytes; empty when there is none. */
export function bytes(of: BinaryNode | undefined): Buffer {
  const content = of?.content;
  if (content === undefined) return Buffer.alloc(0);
  if (typeof content === "string") return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content);
  throw new TypeError(`Cannot read bytes of <${of?.tag}>: it holds children`);
}

export function text(of: BinaryNode | undefined): string {
  return bytes(of).toString("utf8");
}

/** Whole seconds since the Unix epoch: what attribute `t` holds everywhere in the protocol. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
