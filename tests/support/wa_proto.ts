// Messages with every field that WhatsApp's protobuf has, read from the definition that Baileys brings along.
import { Buffer } from "node:buffer";

interface Field {
  readonly name: string;
  readonly type: string;
  readonly isRepeated: boolean;
}

/** Message types by their full names, with their fields. */
export type Schema = ReadonlyMap<string, readonly Field[]>;

const DEFINITION = new URL(
  "../../node_modules/@whiskeysockets/baileys/WAProto/WAProto.proto",
  import.meta.url,
);
const NUMBERS = new Set([
  "int32",
  "uint32",
  "int64",
  "uint64",
  "sint32",
  "fixed32",
  "fixed64",
  "sfixed64",
  "float",
  "double",
]);

/** Reads the definition: messages, and what is declared inside others. */
export async function readSchema(): Promise<Schema> {
  const schema = new Map<string, Field[]>();
  const scopes: { readonly name: string; readonly isMessage: boolean }[] = [];
  for (const line of (await Deno.readTextFile(DEFINITION)).split("\n")) {
    const opened = /^\s*(message|enum|oneof)\s+(\w+)\s*\{/.exec(line);
    if (opened) {
      const [, kind, name] = opened;
      const outer = scopes.findLast(({ isMessage }) => isMessage)?.name;
      const full = outer === undefined ? name : `${outer}.${name}`;
      scopes.push({ name: kind === "oneof" ? outer ?? "" : full, isMessage: kind !== "enum" });
      if (kind === "message") schema.set(full, []);
    }
    if (/\}\s*$/.test(line) && !/\{.*\}/.test(line)) scopes.pop();
    const field = /^\s*(optional|repeated|required)?\s*(?:map<[^>]*>|([\w.]+))\s+(\w+)\s*=\s*\d+/.exec(line);
    const scope = scopes.at(-1);
    if (!field || !scope?.isMessage || field[2] === undefined) continue;
    schema.get(scope.name)?.push({ name: field[3], type: field[2], isRepeated: field[1] === "repeated" });
  }
  return schema;
}

/** Fills every field of a message type, a few levels deep. */
export function fill(
  schema: Schema,
  type: string,
  values: { readonly text: (field: string) => string; readonly bytes: Buffer },
  depth = 4,
): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const { name, type: fieldType, isRepeated } of schema.get(type) ?? []) {
    const value = valueOf(fieldType, name);
    if (value !== undefined) filled[name] = isRepeated ? [value] : value;
  }
  return filled;

  function valueOf(fieldType: string, name: string): unknown {
    if (fieldType === "string") return values.text(name);
    if (fieldType === "bytes") return values.bytes;
    if (fieldType === "bool") return true;
    if (NUMBERS.has(fieldType)) return 1;
    const inner = resolve(schema, type, fieldType);
    return inner === undefined || depth === 0 ? undefined : fill(schema, inner, values, depth - 1);
  }
}

/** A type as another one names it: declared inside it, or further out. */
function resolve(schema: Schema, from: string, type: string): string | undefined {
  for (
    let scope = from;
    scope !== "";
    scope = scope.includes(".") ? scope.slice(0, scope.lastIndexOf(".")) : ""
  ) {
    if (schema.has(`${scope}.${type}`)) return `${scope}.${type}`;
  }
  return schema.has(type) ? type : undefined;
}
