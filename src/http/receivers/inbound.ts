import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { Context } from "@hono/hono";
import { systemClock } from "../../async/clock.ts";
import { createTurns } from "../../async/places.ts";
import { parsed } from "../../providers/kept_body.ts";
import type { Inbound } from "../../providers/provider.ts";
import { readAtMost } from "../body_limit.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError, tooLarge } from "../errors.ts";

/** A body as it came, and as it is read. */
export interface ReadBody {
  /** Before it was unpacked: some sign this. */
  readonly packed: Uint8Array;
  readonly inbound: Omit<Inbound, "session">;
}

const UNPACKERS = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/** Of larger bodies only a few are read at a time, so that many at once do not fill the memory. */
const LARGE_BYTES = 5 * 1_048_576;
const turnOfLarge = createTurns({ places: 3, longestMs: 10_000, clock: systemClock });

/**
 * Reads the body of a webhook: JSON, packed or not, or a form whose field `payload` or `data` is JSON.
 * @throws {HttpError} 413 if it is larger than `maxBytes`, unpacked or not; 400 if it cannot be unpacked.
 */
export async function readBody(c: Context<HttpEnv>, maxBytes: number): Promise<ReadBody> {
  const { headers } = c.req.raw;
  const told = headers.has("Transfer-Encoding") ? null : headers.get("Content-Length");
  if (told !== null && Number(told) > maxBytes) throw tooLarge(maxBytes);
  const isLarge = told === null || Number(told) > LARGE_BYTES;
  const giveBack = isLarge ? await turnOfLarge() : undefined;
  const packed = await bytesOf(c, maxBytes, told).finally(giveBack);
  const raw = await unpacked(packed, headers.get("Content-Encoding"), maxBytes);
  return { packed, inbound: { raw, json: parsed(raw) ?? formOf(raw, headers.get("Content-Type")) } };
}

async function bytesOf(c: Context<HttpEnv>, maxBytes: number, told: string | null): Promise<Uint8Array> {
  if (told !== null) return new Uint8Array(await c.req.arrayBuffer());
  const { body } = c.req.raw;
  if (body === null) return new Uint8Array();
  return new Uint8Array(await (await readAtMost(body, maxBytes)).arrayBuffer());
}

async function unpacked(packed: Uint8Array, encoding: string | null, maxBytes: number): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? "identity";
  if (name === "identity" || name === "") return packed;
  if (!Object.hasOwn(UNPACKERS, name)) {
    throw new HttpError(
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      `Content-Encoding "${name.slice(0, 40)}" is not known`,
    );
  }
  try {
    return new Uint8Array(
      await UNPACKERS[name as keyof typeof UNPACKERS](packed, { maxOutputLength: maxBytes }),
    );
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new HttpError(400, "INVALID_INPUT", `The body cannot be unpacked as ${name}`);
  }
}

function formOf(raw: Uint8Array, contentType: string | null): Inbound["json"] {
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? "")) return undefined;
  const form = new URLSearchParams(new TextDecoder().decode(raw));
  const json = form.get("payload") ?? form.get("data");
  return json === null ? undefined : parsed(new TextEncoder().encode(json));
}
