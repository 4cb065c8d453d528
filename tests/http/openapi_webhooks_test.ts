import { assert, assertEquals, assertMatch } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { EVENT_GUIDE } from "../../src/events/guide.ts";
import { DEFAULT_FORMAT, FORMAT_NAMES, formatOf } from "../../src/formats/mod.ts";
import { setUpHttp } from "../support/http.ts";

interface Document {
  readonly webhooks: Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, z.core.JSONSchema.JSONSchema>> };
}

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly requestBody: {
    readonly content: {
      readonly "application/json": {
        readonly schema: { readonly $ref: string };
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
}

await using http = await setUpHttp();
const document = (await http.ask("GET", "/openapi.json", { key: null })).at("") as
  & Document
  & Record<string, unknown>;

Deno.test("API document with webhooks is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));

  assert(valid, JSON.stringify(errors ?? null));
});

Deno.test("API document has a webhook for every name of every format", () => {
  const keys = FORMAT_NAMES.flatMap((format) =>
    formatOf(format).names.map((name) => format === DEFAULT_FORMAT ? name : `${format}/${name}`)
  );

  assertEquals(keys.filter((key) => !(key in document.webhooks)), []);
});

Deno.test("API document explains every webhook in the words of the event guide", () => {
  const { when, whatToDo } = EVENT_GUIDE["message.received"];

  const { description } = document.webhooks["message.received"]!.post;

  assert(description.includes(when) && description.includes(whatToDo), description);
});

Deno.test("API document gives every webhook a type of its own, which all its examples fit", () => {
  const types = new Set<string>();
  for (const [key, { post }] of Object.entries(document.webhooks)) {
    const { schema, examples } = post.requestBody.content["application/json"];
    const typeName = schema.$ref.replace("#/components/schemas/", "");
    assertMatch(typeName, /^[A-Z][A-Za-z0-9]+$/);
    types.add(typeName);
    const parser = z.fromJSONSchema(document.components.schemas[typeName]!);

    assert(Object.keys(examples).length > 0, key);
    for (const [kind, { value }] of Object.entries(examples)) {
      const parsed = parser.safeParse(value);
      assert(parsed.success, `${key} ${kind}: ${parsed.error?.message}`);
    }
  }
  assertEquals(types.size, Object.keys(document.webhooks).length);
});

Deno.test("API document tells bodies of different events apart by the value of `event`", () => {
  const schemas = document.components.schemas;

  const event = (name: string) => (schemas[name]?.properties?.event as { readonly const?: unknown })?.const;

  assertEquals(event("DeviceMessageReceived"), "message.received");
  assertEquals(event("SessionMessageAck"), "message_ack");
});
