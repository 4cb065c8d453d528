/** The part of JSON Schema (2020-12) that descriptions of examples need. */
export interface InferredSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, InferredSchema>>;
  readonly required?: readonly string[];
  readonly items?: InferredSchema;
}

/**
 * A schema that all values fit. Fields of the outermost object are required when every value has them; those within are
 * optional, since no list of examples shows every combination. A field that no value has is allowed: payloads grow.
 */
export function inferredSchema(values: readonly unknown[], depth = 0): InferredSchema {
  const types = [...new Set(values.map(typeOf))];
  const whole = types.includes("number") ? types.filter((type) => type !== "integer") : types;
  if (whole.length === 0) return {};
  const objects = values.filter(isObject);
  const items = values.filter((value) => Array.isArray(value)).flat();
  return {
    type: whole.length === 1 ? whole[0]! : whole,
    ...(objects.length > 0 && objectSchema(objects, depth)),
    ...(items.length > 0 && { items: inferredSchema(items, depth + 1) }),
  };
}

function objectSchema(objects: readonly Readonly<Record<string, unknown>>[], depth: number): InferredSchema {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const required = depth > 0 ? [] : names.filter((name) => objects.every((object) => name in object));
  const properties = Object.fromEntries(names.map((name) => {
    const present = objects.filter((object) => name in object);
    return [name, inferredSchema(present.map((object) => object[name]), depth + 1)];
  }));
  return { properties, ...(required.length > 0 && { required }) };
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
