import type { Context } from "@hono/hono";
import type { HttpEnv } from "../context.ts";

/** A body as it came, and what it says. */
export interface Inbound {
  readonly raw: Uint8Array;
  /** Undefined when it is not JSON. */
  readonly json: { readonly value: unknown } | undefined;
}

const decoder = new TextDecoder();

export async function readInbound(c: Context<HttpEnv>): Promise<Inbound> {
  const raw = new Uint8Array(await c.req.arrayBuffer());
  return { raw, json: parsed(decoder.decode(raw)) };
}

function parsed(text: string): Inbound["json"] {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
