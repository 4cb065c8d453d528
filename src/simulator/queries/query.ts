// What a query handler gets and gives.
import type { LinkedDevice } from "../people/linked_device.ts";
import type { Network } from "../people/network.ts";
import type { BinaryNode } from "../wire/nodes.ts";

/** A query of a client that is logged in. */
export interface Query {
  readonly network: Network;
  readonly device: LinkedDevice;
  readonly iq: BinaryNode;
  /** The first child, which says what is asked; an empty node when there is none. */
  readonly ask: BinaryNode;
}

/** An answer: content (and what happens after it has gone out), or a refusal with a code as of HTTP. */
export type Answer =
  | { readonly content: BinaryNode[]; readonly then?: () => void }
  | { readonly refused: number; readonly text: string };

export type Handler = (query: Query) => Answer;

/** Handlers by "xmlns type child", such as "encrypt get key". */
export type Handlers = Readonly<Record<string, Handler>>;

export function answer(...content: BinaryNode[]): Answer {
  return { content };
}

export function refuse(code: number, text: string): Answer {
  return { refused: code, text };
}
