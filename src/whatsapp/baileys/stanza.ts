import type { BinaryNode } from "@whiskeysockets/baileys";

export type { BinaryNode };

/** The stanzas inside a stanza; none when it holds bytes or nothing. */
export function childrenOf(stanza: BinaryNode, tag?: string): BinaryNode[] {
  if (!Array.isArray(stanza.content)) return [];
  return tag === undefined ? stanza.content : stanza.content.filter((child) => child.tag === tag);
}

export function childOf(stanza: BinaryNode, tag: string): BinaryNode | undefined {
  return childrenOf(stanza, tag)[0];
}

/** The text that a stanza holds. */
export function textOf(stanza: BinaryNode | undefined): string {
  const { content } = stanza ?? {};
  if (typeof content === "string") return content;
  return content instanceof Uint8Array ? new TextDecoder().decode(content) : "";
}

/** It waited on the server while the gateway was not connected. */
export function isOffline(stanza: BinaryNode): boolean {
  return Boolean(stanza.attrs.offline);
}
