import type { OpenAPIHono } from "@hono/zod-openapi";
import { VERSION } from "../version.ts";
import type { HttpEnv } from "./context.ts";
import { type ApiDocument, requestExampleOf, type Schema } from "./docs/document.ts";
import { BODY_EXAMPLES, FORM_EXAMPLES } from "./examples.ts";
import { webhookDescriptions } from "./openapi/webhooks.ts";

const ABOUT =
  `Kabar keeps WhatsApp numbers connected, turns what happens on them into events, and delivers every
event to your webhooks: signed, retried, logged and replayable.

Send your API key as \`Authorization: Bearer …\` or \`X-API-Key: …\`. Times are whole Unix seconds unless a field says
otherwise. Errors of \`/v1\` and \`/admin\` are \`{success: false, error: {code, message}, requestId}\`; those of \`/api\`
are \`{success: false, message, error}\`.`;

type SecurityScheme = Parameters<OpenAPIHono["openAPIRegistry"]["registerComponent"]>[2];

/**
 * The API document (OpenAPI 3.1), made from the schemas that validate the requests of all routes of `app`.
 * @param serverUrl Where clients reach the gateway; left out, the document speaks of the server it came from.
 */
export function openapiDocument(app: OpenAPIHono<HttpEnv>, serverUrl?: string) {
  const register = (name: string, scheme: SecurityScheme) =>
    app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  register("bearer", { type: "http", scheme: "bearer", description: "A tenant's API key" });
  register("apiKey", { type: "apiKey", in: "header", name: "X-API-Key", description: "A tenant's API key" });
  register("apiKeyQuery", {
    type: "apiKey",
    in: "query",
    name: "api_key",
    description: "A tenant's API key, on `/api` only",
  });
  register("masterKey", {
    type: "apiKey",
    in: "header",
    name: "X-Master-Key",
    description: "The operator's key, from the setting `MASTER_KEY`",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Kabar",
      version: VERSION,
      description: ABOUT,
      license: { name: "MIT" },
    },
    servers: [{ url: serverUrl ?? "/" }],
  });
  addExamples(document);
  const { webhooks, schemas } = webhookDescriptions();
  return {
    ...document,
    webhooks,
    components: { ...document.components, schemas: { ...document.components?.schemas, ...schemas } },
  };
}

/** Gives each body one whole example, for every reader of the document: without it they fill in all fields, or none. */
function addExamples(document: ReturnType<OpenAPIHono<HttpEnv>["getOpenAPI31Document"]>): void {
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const method of ["post", "put", "patch", "delete"] as const) {
      const body = methods[method]?.requestBody;
      if (body === undefined || !("content" in body)) continue;
      const name = `${method} ${path}`;
      for (const [type, content] of Object.entries(body.content)) {
        content.example ??= (type.startsWith("multipart/") ? FORM_EXAMPLES : BODY_EXAMPLES)[name] ??
          requestExampleOf(document as unknown as ApiDocument, content.schema as Schema);
      }
    }
  }
}
