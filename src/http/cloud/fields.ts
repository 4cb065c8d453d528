import { GraphError } from "../graph_errors.ts";

export type Json = Readonly<Record<string, unknown>>;

/**
 * An object of a request. Graph decodes parameters that are JSON within JSON, and some clients send them so.
 * @param keys What Meta knows in it; null stands for a key that is left out.
 * @throws {GraphError} 131008 if it is missing, 100 if it is no object or has a key that Meta refuses.
 */
export function objectOf(body: Json, name: string, keys?: readonly string[]): Json {
  const value = decoded(body[name]);
  if (value === undefined || value === null) throw missing(name);
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new GraphError(100, `Param ${name} must be a JSON object`);
  }
  if (keys !== undefined) checkKeys(value as Json, name, keys);
  return value as Json;
}

/** As `objectOf`, for a list. */
export function listOf(body: Json, name: string, where = name): readonly Json[] {
  const value = decoded(body[name]);
  if (value === undefined || value === null) throw missing(where);
  if (
    !Array.isArray(value) || value.length === 0 ||
    value.some((one) => typeof one !== "object" || one === null)
  ) {
    throw new GraphError(100, `Param ${where} must be a non-empty array of objects`);
  }
  return value as readonly Json[];
}

/** As `listOf`, of what may be left out. Empty counts as left out: some clients send every list that there is. */
export function someOf(body: Json, name: string, where = name): readonly Json[] {
  const value = decoded(body[name]);
  const isLeftOut = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  return isLeftOut ? [] : listOf(body, name, where);
}

/** A text; a number counts as its digits, as clients send ids either way. */
export function textOf(body: Json, name: string, where: string, most = 4096): string {
  const value = optionalText(body, name, where, most);
  if (value === undefined || value === "") throw missing(where);
  return value;
}

/** Undefined when it is left out or null. */
export function optionalText(body: Json, name: string, where: string, most = 4096): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") throw new GraphError(100, `Param ${where} must be a string`);
  if (value.length > most) {
    throw new GraphError(100, `Param ${where} must be at most ${most} characters long`);
  }
  return value;
}

/** A number, also as text. */
export function numberOf(body: Json, name: string, where: string): number {
  const value = body[name];
  if (value === undefined || value === null || value === "") throw missing(where);
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) {
    throw new GraphError(131009, `Param ${where} must be a number`);
  }
  return number;
}

/** @throws {GraphError} 131008. */
export function missing(where: string): GraphError {
  return new GraphError(131008, `The parameter ${where} is required`);
}

function checkKeys(value: Json, name: string, keys: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new GraphError(100, `Unexpected key "${unknown.slice(0, 60)}" on param "${name}"`);
  }
}

function decoded(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // text that only looks like JSON: the caller says what it takes
  }
}
