import { assert, assertEquals, assertExists } from "@std/assert";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { HttpEnv } from "../../src/http/context.ts";
import { openapiDocument } from "../../src/http/openapi.ts";
import { VERSION } from "../../src/version.ts";
import { setUpHttp } from "../support/http.ts";

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function documentOf(): Promise<{ readonly document: Document; readonly text: string }> {
  await using http = await setUpHttp();
  const answer = await http.ask("GET", "/openapi.json", { key: null });
  assertEquals(answer.status, 200);
  return { document: answer.at("") as Document, text: answer.text };
}

function operationsOf(document: Document): readonly (readonly [name: string, path: string, it: Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, it]) => [`${method} ${path}`, path, it] as const)
  );
}

Deno.test("API document is OpenAPI 3.1 of this version", async () => {
  const { document } = await documentOf();

  assertEquals([document.openapi, document.info.title, document.info.version], ["3.1.0", "Kabar", VERSION]);
});

Deno.test("API document has every route of every group", async () => {
  const { document } = await documentOf();

  const names = operationsOf(document).map(([name]) => name);
  for (
    const name of [
      "get /health",
      "get /ready",
      "get /api/health",
      "post /admin/tenants",
      "patch /admin/tenants/{id}/suspend",
      "post /v1/webhooks",
      "get /v1/webhooks/{id}",
      "put /v1/webhooks/{id}",
      "patch /v1/webhooks/{id}",
      "delete /v1/webhooks/{id}",
      "post /v1/webhooks/{id}/rotate-secret",
      "get /v1/events",
      "get /v1/events/stream",
      "get /v1/devices/{id}/events",
    ]
  ) assert(names.includes(name), `${name} is missing in ${names.join(", ")}`);
});

Deno.test("API document describes each route: words, a tag, its key, its answers", async () => {
  const { document } = await documentOf();
  const schemes = Object.keys(document.components.securitySchemes ?? {});

  for (const [name, path, operation] of operationsOf(document)) {
    assert((operation.summary ?? "").length > 5, `${name} has no summary`);
    assertEquals(operation.tags?.length, 1, name);
    assertExists(operation.security, name);
    const keys = operation.security.flatMap((scheme) => Object.keys(scheme));
    for (const key of keys) assert(schemes.includes(key), `${name} needs ${key}, which is not described`);
    if (path.startsWith("/v1/")) assertEquals(keys, ["bearer", "apiKey"], name);
    if (path.startsWith("/admin/")) assertEquals(keys, ["masterKey"], name);
    assert(Object.keys(operation.responses).some((status) => status.startsWith("2")), name);
    for (const { description } of Object.values(operation.responses)) assert(description.length > 3, name);
  }
});

Deno.test("API document declares every parameter of a path", async () => {
  const { document } = await documentOf();

  for (const [name, path, operation] of operationsOf(document)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const declared = (operation.parameters ?? []).filter((it) => it.in === "path");
    assertEquals(declared.map((it) => it.name), inPath, name);
    assert(declared.every(({ required }) => required === true), name);
  }
});

Deno.test("API document leads nowhere with a reference", async () => {
  const { document, text } = await documentOf();

  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, reference]) => reference);
  assert(references.length > 0);
  for (const reference of references) {
    const found = reference.split("/").reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key],
      document,
    );
    assertExists(found, reference);
  }
});

Deno.test("API document says what a webhook takes and what of it must be there", async () => {
  const { text } = await documentOf();
  const schema = JSON.parse(text).paths["/v1/webhooks"].post.requestBody.content["application/json"].schema;

  assertEquals(schema.required, ["url", "events"]);
  assertEquals(schema.additionalProperties, false);
  assertEquals(schema.properties.ordering.enum, ["none", "chat", "device"]);
});

Deno.test("API document names the gateway's public address when it is known", () => {
  const app = new OpenAPIHono<HttpEnv>();

  assertEquals(openapiDocument(app, "https://wa.example").servers, [{ url: "https://wa.example" }]);
  assertEquals(openapiDocument(app).servers, [{ url: "/" }]);
});
