/** A JSON schema, as far as the pages show one. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly additionalProperties?: boolean | Schema;
}

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface RawOperation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content?: Readonly<Record<string, Media>> };
  readonly responses?: Readonly<Record<string, Answer>>;
}

/** Something in the path, the query or the headers of a request. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema?: Schema;
}

/** One answer of an operation. */
export interface Answer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

/** An API document (OpenAPI 3.1), as far as the pages show one. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** One form of a request's body. */
export interface RequestBody {
  /** Such as `application/json`. */
  readonly type: string;
  readonly schema: Schema;
  readonly example: unknown;
}

/** One method of one path. */
export interface Operation {
  /** Unique in the document, and stable while method and path are: the end of its link. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly parameters: readonly Parameter[];
  /** The body in each form that it may come in; none: there is no body. */
  readonly bodies: readonly RequestBody[];
  readonly answers: readonly (Answer & { readonly status: string })[];
  /** The header that carries the key; undefined where none is needed. */
  readonly keyHeader: "Authorization" | "X-API-Key" | "X-Master-Key" | undefined;
}

/** Operations that belong together: a page. */
export interface OperationGroup {
  readonly name: string;
  /** The end of the page's address. */
  readonly slug: string;
  readonly operations: readonly Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete"];

/** What most people look for comes first. */
const SURFACES = ["/v1/", "/api/", "/admin/"];

/** The document's operations by their tags: groups by surface, operations by path. */
export function groupsOf(document: ApiDocument): readonly OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const raw = methods[method];
      if (raw === undefined) continue;
      const tag = raw.tags?.[0] ?? "Other";
      groups.set(tag, [...groups.get(tag) ?? [], operationOf(path, method, raw)]);
    }
  }
  return [...groups].map(([name, operations]) => ({
    name: name.replaceAll("`", ""),
    slug: slugOf(name),
    operations: operations.sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  })).sort((a, b) => surfaceOf(a) - surfaceOf(b));
}

function surfaceOf({ operations: [first] }: OperationGroup): number {
  const at = SURFACES.findIndex((prefix) => first.path.startsWith(prefix));
  return at === -1 ? SURFACES.length : at;
}

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  return {
    id: slugOf(`${method} ${path}`),
    method,
    path,
    summary: raw.summary ?? path,
    description: raw.description,
    parameters: raw.parameters ?? [],
    bodies: Object.entries(raw.requestBody?.content ?? {}).flatMap(([type, { schema, example }]) =>
      schema === undefined ? [] : [{ type, schema, example }]
    ),
    answers: Object.entries(raw.responses ?? {}).map(([status, answer]) => ({ status, ...answer })),
    keyHeader: keyHeaderOf(raw.security ?? []),
  };
}

function keyHeaderOf(security: NonNullable<RawOperation["security"]>): Operation["keyHeader"] {
  const schemes = security.flatMap((scheme) => Object.keys(scheme));
  if (schemes.includes("masterKey")) return "X-Master-Key";
  if (schemes.includes("bearer")) return "Authorization";
  return schemes.includes("apiKey") ? "X-API-Key" : undefined;
}

/** A name as the end of an address. */
export function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}

/** The schema itself, where it is kept under a name. */
export function resolved(document: ApiDocument, schema: Schema | undefined): Schema {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? "")?.[1];
  if (name !== undefined) return document.components?.schemas?.[name] ?? {};
  if (schema?.allOf === undefined) return schema ?? {};
  const parts = schema.allOf.map((part) => resolved(document, part));
  return {
    ...schema,
    type: "object",
    properties: Object.assign({}, ...parts.map(({ properties }) => properties ?? {})),
    required: parts.flatMap(({ required = [] }) => required),
  };
}

const DEEPEST = 6;

/** A value that the schema takes: its example where there is one. */
export function exampleOf(document: ApiDocument, schema: Schema | undefined, depth = 0): unknown {
  const it = resolved(document, schema);
  if (it.example !== undefined) return it.example;
  if (it.examples !== undefined && it.examples.length > 0) return it.examples[0];
  if (it.default !== undefined) return it.default;
  if (it.const !== undefined) return it.const;
  if (it.enum !== undefined) return it.enum[0];
  const choices = it.anyOf ?? it.oneOf;
  if (choices !== undefined) return exampleOf(document, choices[0], depth + 1);
  const [type] = [it.type].flat();
  if (type === "array") return depth > DEEPEST ? [] : [exampleOf(document, it.items, depth + 1)];
  if (it.properties !== undefined && depth <= DEEPEST) {
    return Object.fromEntries(
      Object.entries(it.properties).map(([name, field]) => [name, exampleOf(document, field, depth + 1)]),
    );
  }
  if (type === "string") return "…";
  if (type === "integer" || type === "number") return it.minimum ?? 0;
  if (type === "boolean") return true;
  return type === "null" ? null : {};
}

/** A body with only the fields that must be there, or that show by an example what they take. */
export function requestExampleOf(document: ApiDocument, schema: Schema): unknown {
  const it = resolved(document, schema);
  if (it.example !== undefined || it.properties === undefined) return exampleOf(document, it);
  const fields = Object.entries(it.properties).filter(([name, field]) =>
    it.required?.includes(name) || resolved(document, field).example !== undefined
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(document, field)]));
}
