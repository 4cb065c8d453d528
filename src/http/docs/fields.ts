import { type ApiDocument, resolved, type Schema } from "./document.ts";

/** One row of a table of fields. */
export interface FieldRow {
  /** Such as `events`, `data.webhook.url` or `messages[].to`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

const DEEPEST = 3;

/** The fields of an object, those of objects within it after the object. */
export function fieldsOf(document: ApiDocument, schema: Schema | undefined): readonly FieldRow[] {
  return rowsOf(document, schema, "", 0);
}

function rowsOf(
  document: ApiDocument,
  schema: Schema | undefined,
  prefix: string,
  depth: number,
): readonly FieldRow[] {
  const it = resolved(document, schema);
  return Object.entries(it.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const shape = resolved(document, field);
    const row = {
      path,
      type: typeOf(document, field),
      required: it.required?.includes(name) ?? false,
      description: field.description ?? shape.description ?? "",
    };
    if (depth >= DEEPEST) return [row];
    const isList = shape.type === "array";
    const inner = isList ? shape.items : shape;
    return [row, ...rowsOf(document, inner, `${path}${isList ? "[]" : ""}.`, depth + 1)];
  });
}

/** What a field takes, in words. */
export function typeOf(document: ApiDocument, schema: Schema | undefined): string {
  const it = resolved(document, schema);
  if (it.enum !== undefined) return it.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (it.const !== undefined) return JSON.stringify(it.const);
  const choices = it.anyOf ?? it.oneOf;
  if (choices !== undefined) return choices.map((choice) => typeOf(document, choice)).join(" | ");
  const types = [it.type ?? "anything"].flat().map((type) =>
    type === "array" ? `list of ${typeOf(document, it.items)}` : type
  );
  return types.join(" | ") + range(it);
}

function range({ minimum, maximum }: Schema): string {
  if (minimum === undefined && maximum === undefined) return "";
  if (maximum === undefined) return `, from ${minimum}`;
  return minimum === undefined ? `, up to ${maximum}` : `, ${minimum} to ${maximum}`;
}
