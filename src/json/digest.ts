import { createHash } from "node:crypto";
import { JsonFieldsError } from "./fields.ts";

/** Tells requests apart by what they say, whatever their spacing and the order of their fields. */
export class RequestDigest {
  readonly #hash = createHash("sha256");

  /** Takes one item of a list, in its order. */
  item(value: unknown): void {
    this.#hash.update(`${inOneOrder(value)}\n`);
  }

  /** Takes what there is besides the list, and ends. */
  end(fields: Readonly<Record<string, unknown>>): string {
    return this.#hash.update(inOneOrder(fields)).digest("hex");
  }
}

function inOneOrder(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => {
      if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
      return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => a < b ? -1 : 1));
    });
  } catch (error) {
    if (error instanceof RangeError) throw new JsonFieldsError("The body is nested too deeply");
    throw error;
  }
}
