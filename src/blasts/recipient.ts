import { z } from "zod";
import { InvalidError, quoted } from "../errors.ts";
import { named, type Variables } from "./template_text.ts";

/** One recipient of a blast as the request gives it. */
export interface Recipient {
  readonly phone: string;
  readonly name?: string;
  readonly email?: string;
  /** Its row in the sender's own table. */
  readonly row?: number;
  readonly variables: Variables;
}

/** Tables have empty cells: null is as good as nothing. */
const Text = z.string().max(200).nullish().transform((text) => text ?? undefined);
const Phone = z.union([z.string(), z.number().int().transform(String)]);
const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String).nullable();
const Fields = z.object({
  name: Text,
  phone: Phone,
  email: Text,
  row: z.int().min(0).max(10_000_000).nullish().transform((row) => row ?? undefined),
  variables: z.record(z.string(), Value).nullish(),
});

/**
 * Reads a recipient: a phone number, or an object with `phone` and, if the sender likes, `name`, `email`, `variables`.
 * @param index Place in the list, from 0.
 * @throws {InvalidError} Naming the field, what it got and what it takes.
 */
export function readRecipient(item: unknown, index: number): Recipient {
  const bare = Phone.safeParse(item);
  if (bare.success) return { phone: bare.data, variables: {} };
  const parsed = Fields.safeParse(item);
  if (!parsed.success) throw faultOf(parsed.error.issues[0].path, item, index);
  const { phone, name, email, row, variables } = parsed.data;
  const given = Object.entries(variables ?? {}).filter((entry): entry is [string, string] =>
    entry[1] !== null
  );
  return { phone, name, email, row, variables: named(Object.fromEntries(given)) };
}

const TAKES: Readonly<Record<string, string>> = {
  phone: "a phone number",
  name: "a text of at most 200 characters",
  email: "a text of at most 200 characters",
  row: "a whole number up to 10000000",
  variables: "an object of texts, numbers, `true` and `false`",
};

function faultOf(path: readonly PropertyKey[], item: unknown, index: number): InvalidError {
  const field = [`recipients[${index}]`, ...path.map(String)].join(".");
  const takes = path.length === 0
    ? "a phone number, or an object with `phone` and, if you like, `name`, `email` and `variables`"
    : path.length > 1
    ? "a text, a number, `true` or `false`"
    : TAKES[String(path[0])] ?? "something else";
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], item);
  const got = value === undefined ? "nothing" : quoted(JSON.stringify(value) ?? String(value));
  return new InvalidError(
    field,
    `Recipient ${index + 1} of the list: field \`${field}\` takes ${takes}, got ${got}`,
    { kind: "recipient_field", row: index + 1, field: path.map(String).join(".") || "phone" },
  );
}
