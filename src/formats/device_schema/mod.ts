import { z } from "zod";
import type { EventType } from "../../events/event.ts";
import { DEVICE_DATA } from "./data.ts";

/** A field of a body in the format `device`. */
export interface EventField {
  /** Such as `event_id`, `data.media.url` or `data.contacts[].vcard`. */
  readonly path: string;
  /** In words: `text`, `number`, `yes or no`, `list`, `object`, or `one of` with the values. */
  readonly type: string;
  /** Whether it can be left out. */
  readonly optional: boolean;
  readonly description: string;
}

/** The body of every event in the format `device`, whose `data` is that of one type of event. */
export function deviceBody(type: EventType): z.ZodObject {
  return z.object({
    event: z.string().describe("The name under which you subscribed"),
    event_id: z.string().describe("Stays the same on every retry and replay"),
    tenant_id: z.string().describe("Whose device it is"),
    device_id: z.string().nullable().describe("Which of your numbers; null when it is about none"),
    timestamp: z.int().describe("When the gateway recorded the event, Unix seconds"),
    data: DEVICE_DATA[type].describe("What happened"),
    source: z.enum(["whatsapp", "qiscus", "universal"]).optional()
      .describe("Where it came in: a session of the gateway, Qiscus, or another WhatsApp server"),
  });
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** The fields of a body in the format `device`, those of objects within it after the object. */
export function fieldsOfEvent(type: EventType): readonly EventField[] {
  return fieldsIn(z.toJSONSchema(deviceBody(type), { io: "input" }) as JsonSchema, "");
}

function fieldsIn({ properties = {}, required = [] }: JsonSchema, prefix: string): readonly EventField[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const { shape, nullable } = withoutNull(schema);
    const type = nullable ? `${typeOf(shape)} or null` : typeOf(shape);
    const field = { path, type, optional: !required.includes(name), description: schema.description ?? "" };
    const inner = shape.type === "array" ? withoutNull(shape.items ?? {}).shape : shape;
    return [field, ...fieldsIn(inner, shape.type === "array" ? `${path}[].` : `${path}.`)];
  });
}

function withoutNull(schema: JsonSchema): { readonly shape: JsonSchema; readonly nullable: boolean } {
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    const shape = { ...schema, type: types.map(wordFor).join(" or ") };
    return { shape, nullable: types.length < schema.type.length };
  }
  const others = schema.anyOf?.filter(({ type }) => type !== "null");
  if (others === undefined) return { shape: schema, nullable: false };
  const shape = others.length === 1 ? others[0]! : { type: others.map(typeOf).join(" or ") };
  return { shape, nullable: others.length < schema.anyOf!.length };
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "number",
  boolean: "yes or no",
  array: "list",
};

function typeOf({ type, enum: values, const: only }: JsonSchema): string {
  if (values !== undefined) return `one of ${values.join(", ")}`;
  if (only !== undefined) return String(only);
  return typeof type === "string" ? wordFor(type) : "anything";
}

function wordFor(type: string): string {
  return WORDS[type] ?? type;
}
