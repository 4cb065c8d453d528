import { z } from "@hono/zod-openapi";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

/** A count that falls back to its default when it is none; 0 asks for as much as there may be. */
export function count(fallback: number, description: string) {
  return z.string().optional().transform((text) => {
    if (text === undefined || !/^\d{1,15}$/.test(text.trim())) return fallback;
    return Number(text);
  }).openapi({ type: "integer", default: fallback, description });
}

export const limit = count(DEFAULT_LIMIT, `At most so many, up to ${MAX_LIMIT}; 0 means that`);
export const offset = count(0, "Leave out so many of the newest");

/** How many rows are read for what was asked. */
export function limitOf(asked: number): number {
  return asked === 0 ? MAX_LIMIT : Math.min(asked, MAX_LIMIT);
}
