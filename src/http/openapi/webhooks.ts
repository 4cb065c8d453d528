import { z } from "zod";
import { type CatalogueEntry, eventCatalogue, type RenderedExample } from "../../formats/catalogue.ts";
import { deviceBody } from "../../formats/device_schema/mod.ts";
import { DEFAULT_FORMAT, FORMAT_NAMES, type FormatName, formatOf } from "../../formats/mod.ts";
import { type InferredSchema, inferredSchema } from "./inferred_schema.ts";

type Json = Readonly<Record<string, unknown>>;

/** What OpenAPI 3.1 calls webhooks: requests that receivers get, and the schemas of their bodies. */
export interface WebhookDescriptions {
  /** By event name in the default format (`message.received`), by `<format>/<name>` in the others. */
  readonly webhooks: Readonly<Record<string, Json>>;
  /** By the name that generators give the type, such as `DeviceMessageReceived`. */
  readonly schemas: Readonly<Record<string, Json>>;
}

/** One name of one format, with everything that is told under it. */
interface Described {
  readonly format: FormatName;
  readonly name: string;
  readonly entries: readonly CatalogueEntry[];
  readonly requests: readonly (RenderedExample & { readonly title: string })[];
}

/**
 * Describes every request that a webhook can get, so that a generator makes types for receivers. The schema of the
 * default format is what its tests hold it to; those of the other formats are made of all examples.
 */
export function webhookDescriptions(): WebhookDescriptions {
  const described = FORMAT_NAMES.flatMap(namesOf);
  return {
    webhooks: Object.fromEntries(described.map((one) => [keyOf(one), { post: operationOf(one) }])),
    schemas: Object.fromEntries(described.map((one) => [typeNameOf(one), schemaOf(one)])),
  };
}

function namesOf(format: FormatName): readonly Described[] {
  const catalogue = eventCatalogue().filter(({ type }) => type !== "custom");
  const names = [...new Set(catalogue.flatMap((entry) => entry.names[format]))];
  return names.map((name) => {
    const entries = catalogue.filter((entry) => entry.names[format].includes(name));
    const requests = entries.flatMap((entry) =>
      entry.examples.flatMap(({ kind, formats }) => {
        const title = entries.length === 1 ? kind : `${entry.type.replace(".", "_")}_${kind}`;
        return formats[format].filter((request) => request.name === name).map((one) => ({ ...one, title }));
      })
    );
    return { format, name, entries, requests };
  });
}

function keyOf({ format, name }: Described): string {
  return format === DEFAULT_FORMAT ? name : `${format}/${name}`;
}

/** `message.received` of the format `device` is `DeviceMessageReceived`. */
function typeNameOf({ format, name }: Described): string {
  return `${format}.${name}`.split(/[^A-Za-z0-9]+/).map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`)
    .join("");
}

function operationOf(described: Described): Json {
  const { format, entries, requests } = described;
  const explained = entries.map(({ when, whatToDo }) => `**When.** ${when}\n\n**What to do.** ${whatToDo}`);
  const shown = format === DEFAULT_FORMAT ? requests : requests.slice(0, 3);
  return {
    operationId: `on${typeNameOf(described)}`,
    summary: entries.map(({ summary }) => summary).join(" "),
    description: [
      ...explained,
      `Signed by: ${formatOf(format).doc.signature}, and by Standard Webhooks' headers.`,
    ]
      .join("\n\n"),
    tags: [`Webhooks: ${format}`],
    security: [],
    parameters: PARAMETERS,
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: { $ref: `#/components/schemas/${typeNameOf(described)}` },
          examples: Object.fromEntries(shown.map(({ title, body }) => [title, { value: JSON.parse(body) }])),
        },
      },
    },
    responses: {
      "2XX": { description: "The event was taken; the body does not matter" },
      "410": { description: "Gone: the webhook is disabled" },
      default: { description: "The event is sent again by the webhook's retry schedule" },
    },
  };
}

const PARAMETERS: readonly Json[] = [
  ["webhook-id", "Stays the same over retries and replays: keep the ids that you have handled", true],
  ["webhook-timestamp", "When this request was made, Unix seconds; when the webhook has a secret", false],
  ["webhook-signature", "`v1,<base64>` for each valid secret; when the webhook has one", false],
  ["X-Kabar-Attempt", "1 for the first request of a delivery", true],
  ["X-Kabar-Seq", "Grows by one with each event of yours: a gap means that one is missing", true],
].map(([name, description, required]) => ({
  name,
  in: "header",
  description,
  required,
  schema: { type: "string" },
}));

function schemaOf(described: Described): Json {
  const { format, name, entries, requests } = described;
  if (format !== DEFAULT_FORMAT) {
    return named(inferredSchema(requests.map(({ body }) => JSON.parse(body))), name);
  }
  const { $schema: _, ...schema } = z.toJSONSchema(deviceBody(entries[0]!.type), { io: "input" });
  return named(schema as InferredSchema, name);
}

/** With the event's name as the only value of `event`: receivers tell bodies apart by it. */
function named(schema: InferredSchema, name: string): Json {
  if (schema.properties?.event === undefined) return { ...schema };
  return { ...schema, properties: { ...schema.properties, event: { type: "string", const: name } } };
}
