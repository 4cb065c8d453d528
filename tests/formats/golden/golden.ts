import { assertEquals } from "@std/assert";
import account from "./account.json" with { type: "json" };
import device from "./device.json" with { type: "json" };
import instance from "./instance.json" with { type: "json" };
import session from "./session.json" with { type: "json" };

/** The example payloads that the documentation of each kind of gateway shows, by event name. */
export const GOLDEN = { account, device, instance, session };

/** The body is the example to the byte. */
export function assertIs(body: string, example: unknown): void {
  assertEquals(body, JSON.stringify(example));
}

/** The body has the example's keys and values, in the example's order; more may stand between and after them. */
export function assertContains(body: string, example: unknown): void {
  assertEquals(
    JSON.stringify(pick(JSON.parse(body), example), null, 2),
    JSON.stringify(example, null, 2),
  );
}

function pick(actual: unknown, example: unknown): unknown {
  if (!isObject(actual) || !isObject(example)) return actual;
  const kept = Object.entries(actual).filter(([key]) => key in example);
  return Object.fromEntries(kept.map(([key, value]) => [key, pick(value, example[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
