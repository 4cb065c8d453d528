// Requests made from the API document: mostly what it says, sometimes anything.
import fc from "fast-check";
import { type ApiDocument, type NamedOperation, resolved, type Schema } from "./api_document.ts";

export interface ArbitraryRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

const DEPTH = 5;
const nasty = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "💥",
  "\ud800",
  "../../etc/passwd",
  "'; DROP TABLE events; --",
  "__proto__",
  "constructor",
  "%",
  "a".repeat(5_000),
  "-1",
  "1e309",
  "NaN",
  "2025-13-45",
);
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), nasty);
/** What a field is usually filled with that names something; nothing here leads out of this machine. */
const meaningful = fc.constantFrom(
  "6281234567890",
  "default",
  "http://127.0.0.1:9/hook",
  "120363041234567890@g.us",
  "message.received",
  "2025-01-01T00:00:00Z",
  "halo",
);

/** A value that a schema allows, or, once in a while, one that it does not. */
function valueOf(document: ApiDocument, given: Schema | undefined, depth: number): fc.Arbitrary<unknown> {
  const schema = resolved(document, given);
  if (schema === undefined || depth > DEPTH) return anything;
  return fc.oneof(
    { weight: 9, arbitrary: allowed(document, schema, depth) },
    { weight: 1, arbitrary: anything },
  );
}

function allowed(document: ApiDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    return fc.oneof(...choices.map((choice) => valueOf(document, choice, depth + 1)));
  }
  if (schema.allOf !== undefined) return valueOf(document, schema.allOf[0], depth + 1);
  const types = [schema.type].flat().filter((type) => type !== undefined);
  return types.length === 0
    ? anything
    : fc.oneof(...types.map((type) => ofType(document, schema, type, depth)));
}

function ofType(document: ApiDocument, schema: Schema, type: string, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case "object":
      return objectOf(document, schema, depth);
    case "array":
      return fc.array(valueOf(document, schema.items, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, 5),
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case "integer":
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1_000, 2_000_000_000) }),
        fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, 2 ** 63, 0.5),
      );
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return stringOf(schema);
  }
}

function stringOf({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const fitting = pattern === undefined
    ? fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) })
    : fc.stringMatching(new RegExp(pattern));
  return fc.oneof(fitting, meaningful, nasty);
}

function objectOf(
  document: ApiDocument,
  { properties = {}, required = [] }: Schema,
  depth: number,
): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, valueOf(document, field, depth + 1)]),
  );
  const usual = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
  const odd = fc.tuple(usual, fc.oneof(fc.string(), nasty), anything)
    .map(([fields, name, value]) => ({ ...fields, [name]: value }));
  return fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** A request of this operation. `known` are ids of what exists, for parameters of the path. */
export function requestOf(
  document: ApiDocument,
  { method, path, operation }: NamedOperation,
  known: readonly string[],
): fc.Arbitrary<ArbitraryRequest> {
  const parameters = operation.parameters ?? [];
  const inPath = Object.fromEntries(
    parameters.filter((parameter) => parameter.in === "path")
      .map(({ name }) => [name, fc.oneof(fc.constantFrom(...known), meaningful, nasty)]),
  );
  const inQuery = Object.fromEntries(
    parameters.filter((parameter) => parameter.in === "query")
      .map(({ name, schema }) => [name, valueOf(document, schema, 0).map(textOf)]),
  );
  const json = operation.requestBody?.content["application/json"]?.schema;
  const body = operation.requestBody === undefined ? fc.constant(undefined) : fc.oneof(
    { weight: 8, arbitrary: valueOf(document, json, 0).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.constantFrom("", "{", "[]", "null", '{"a":', "\u0000", "[".repeat(2_000)) },
  );
  const contentType = fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("text/plain", "multipart/form-data", "multipart/form-data; boundary=x"),
    },
  );
  return fc.record({
    path: fc.record(inPath),
    query: fc.record(inQuery, { requiredKeys: [] }),
    body,
    contentType,
  }).map((made) => ({
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, (_, name) => encode(made.path[name])) + searchOf(made.query),
    contentType: made.body === undefined ? undefined : made.contentType,
    body: made.body,
  }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || "-";
}

function searchOf(query: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encode(value ?? "")}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
