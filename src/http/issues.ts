import type { z } from "@hono/zod-openapi";

/** Where in the request the fault is, as `@hono/zod-openapi` calls it. */
export type Target = "json" | "form" | "query" | "param" | "header" | "cookie";

export interface FieldFault {
  /** Such as `events[0]`; empty for the whole body. */
  readonly field: string;
  /** A sentence that names the field, what it takes and what it got. */
  readonly message: string;
}

const NOUNS: Readonly<Record<Target, string>> = {
  json: "Field",
  form: "Field",
  query: "Parameter",
  param: "Path parameter",
  header: "Header",
  cookie: "Cookie",
};

/** Values of fields with such names are never repeated in an answer. */
const PRIVATE_FIELD = /proxy|secret|key|token|password|authorization|headers/i;

/**
 * Says what is wrong with one field. A schema's own message is a predicate ("must be an http or https URL"); where it
 * has none, the sentence is made from the kind of the issue.
 */
export function faultOf(issue: z.core.$ZodIssue, target: Target, input: unknown): FieldFault {
  const field = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.slice(0, 5).map((key) => pathOf([...issue.path, key]));
    return { field: names.join(", "), message: issue.message };
  }
  const value = valueAt(input, issue.path);
  const predicate = predicateOf(issue);
  if (field === "") {
    const what = target === "json" ? "The body" : "The request";
    return { field, message: `${what} ${predicate}, got ${shown(value, false)}` };
  }
  const noun = `${NOUNS[target]} \`${field}\``;
  if (target === "query" && Array.isArray(value)) {
    return { field, message: `${noun} must be given only once` };
  }
  if (value === undefined) return { field, message: `${noun} is required: it ${predicate}` };
  return { field, message: `${noun} ${predicate}, got ${shown(value, PRIVATE_FIELD.test(field))}` };
}

function predicateOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too |Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `must ${measured(issue.origin, `at least ${issue.minimum}`, issue.minimum)}`;
    case "too_big":
      return `must ${measured(issue.origin, `at most ${issue.maximum}`, issue.maximum)}`;
    case "invalid_format":
      return `must be a valid ${issue.format}`;
    default:
      return "is not acceptable";
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
  null: "null",
};

function measured(origin: string, bound: string, size: number | bigint): string {
  const plural = Number(size) === 1 ? "" : "s";
  if (origin === "string") return `have ${bound} character${plural}`;
  if (origin === "array" || origin === "set") return `have ${bound} item${plural}`;
  if (origin === "object" || origin === "record") return `have ${bound} field${plural}`;
  return `be ${bound}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }, input);
}

function shown(value: unknown, secret: boolean): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    if (value === "") return "an empty string";
    if (secret) return `a string of ${value.length} characters`;
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  return secret ? `a ${typeof value}` : String(value);
}
