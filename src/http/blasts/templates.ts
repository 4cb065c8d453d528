import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { newId } from "../../ids.ts";
import { gapsIn } from "../../blasts/template_text.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { QiscusTemplate, Template, Templates } from "../../store/templates.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { apiQuery, body, idParam } from "../fields.ts";

const Name = z.string().trim().min(1).max(200);
const VariableName = z.string().max(200).regex(/^[^{}]*[^{}\s][^{}]*$/, "must be a name without braces");
const VariableNames = z.array(VariableName).max(50);

const QiscusConfig = body({
  namespace: z.string().max(200).optional(),
  templateName: Name,
  languageCode: z.string().min(2).max(20).default("id"),
  headerVariables: VariableNames.default([]),
  bodyVariables: VariableNames.default([]),
  buttonVariables: VariableNames.default([]),
}).openapi("QiscusTemplate");

const fields = {
  name: Name,
  type: z.string().max(50).optional().openapi({ example: "reminder" }),
  channel: z.string().optional().openapi({ description: "`whatsapp` is the only one" }),
  channels: z.array(z.string()).optional(),
  subject: z.string().optional(),
  body: z.string().max(MOST_TEXT).openapi({ example: "Halo {{name}}, tagihan {{amount}}" }),
  variables: VariableNames.optional(),
  variableRequirements: z.array(z.unknown()).optional(),
  qiscusConfig: QiscusConfig.nullable().optional(),
};

const NewTemplate = body({
  ...fields,
  id: z.string().regex(/^[\w.-]{1,100}$/, "must be letters, digits, `_`, `-` and `.`, at most 100")
    .optional(),
  body: fields.body.default(""),
});
const ChangedTemplate = body({ ...fields, name: Name.optional(), body: fields.body.optional() });

const Shown = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string().nullable(),
  channels: z.array(z.literal("whatsapp")),
  body: z.string(),
  variables: z.array(z.string()),
  qiscusConfig: QiscusConfig.nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).openapi("Template");

const One = z.object({ success: z.literal(true), message: z.string().optional(), template: Shown });
const Id = idParam("The template's id", "invoice_reminder");
const route = { tags: ["Templates"], security: API_KEY };

const list = createRoute({
  ...route,
  method: "get",
  path: "/templates",
  summary: "List templates",
  request: { query: apiQuery({ channel: z.string().optional(), type: z.string().optional() }) },
  responses: {
    200: json(
      "All of them",
      z.object({ success: z.literal(true), count: z.int(), templates: z.array(Shown) }),
    ),
    ...apiRefusals(),
  },
});

const create = createRoute({
  ...route,
  method: "post",
  path: "/templates",
  summary: "Create a template",
  request: { query: apiQuery({}), body: jsonBody(NewTemplate) },
  responses: { 201: json("The template", One), ...apiRefusals(409, 413, 415, 503) },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/templates/{id}",
  summary: "Get a template",
  request: { query: apiQuery({}), params: Id },
  responses: { 200: json("The template", One), ...apiRefusals(404) },
});

const change = createRoute({
  ...route,
  method: "put",
  path: "/templates/{id}",
  summary: "Change a template",
  request: { query: apiQuery({}), params: Id, body: jsonBody(ChangedTemplate) },
  responses: { 200: json("The template", One), ...apiRefusals(404, 413, 415, 503) },
});

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/templates/{id}",
  summary: "Delete a template",
  request: { query: apiQuery({}), params: Id },
  responses: {
    200: json("It is gone", z.object({ success: z.literal(true), message: z.string() })),
    ...apiRefusals(404, 503),
  },
});

/** Routes with which a tenant keeps the templates of its blasts, under `/api`. */
export function createTemplateRoutes({ templates, now }: {
  readonly templates: Templates;
  readonly now: () => number;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(list, async (c) => {
    const { channel, type } = c.req.valid("query");
    const all = channel === undefined || channel === "whatsapp"
      ? await templates.list(c.get("tenant").id)
      : [];
    const found = all.filter((template) => type === undefined || template.type === type);
    return c.json({ success: true as const, count: found.length, templates: found.map(shown) }, 200);
  });

  routes.openapi(create, async (c) => {
    const given = c.req.valid("json");
    checkChannels(given);
    const at = now();
    const template = checked({
      id: given.id ?? newId("tpl"),
      tenantId: c.get("tenant").id,
      name: given.name,
      type: given.type ?? null,
      body: given.body,
      variables: given.variables ?? gapsIn(given.body),
      qiscus: qiscusOf(given.qiscusConfig) ?? null,
      createdAt: at,
      updatedAt: at,
    });
    await templates.create(template);
    const message = "Template created successfully";
    return c.json({ success: true as const, message, template: shown(template) }, 201);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const template = await templates.get(c.get("tenant").id, id);
    if (template === undefined) throw templateNotFound(id);
    return c.json({ success: true as const, template: shown(template) }, 200);
  });

  routes.openapi(change, async (c) => {
    const { id } = c.req.valid("param");
    const given = c.req.valid("json");
    checkChannels(given);
    const tenantId = c.get("tenant").id;
    const before = await templates.get(tenantId, id);
    if (before === undefined) throw templateNotFound(id);
    const { name, type, body } = given;
    const variables = given.variables ?? (body === undefined ? undefined : gapsIn(body));
    const wanted = { name, type, body, variables, qiscus: qiscusOf(given.qiscusConfig) };
    const known = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    checked({ ...before, ...known });
    const template = await templates.update(tenantId, id, known, now());
    if (template === undefined) throw templateNotFound(id);
    const message = "Template updated successfully";
    return c.json({ success: true as const, message, template: shown(template) }, 200);
  });

  routes.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    if (!await templates.remove(c.get("tenant").id, id)) throw templateNotFound(id);
    return c.json({ success: true as const, message: "Template deleted successfully" }, 200);
  });

  return routes;
}

export function templateNotFound(id: string): HttpError {
  return new HttpError(404, "NOT_FOUND", `Template with ID '${id}' not found`);
}

/** A template has to say something: by its own text, or by one that Qiscus keeps. */
function checked(template: Template): Template {
  if (template.body !== "" || template.qiscus !== null) return template;
  throw new HttpError(400, "VALIDATION_ERROR", "A template needs `body`, its text, or `qiscusConfig`");
}

function checkChannels({ channel, channels = [] }: { channel?: string; channels?: readonly string[] }): void {
  const other = [...channel === undefined ? [] : [channel], ...channels].find((each) =>
    each !== "whatsapp" && each !== "both"
  );
  if (other === undefined) return;
  throw new HttpError(
    400,
    "VALIDATION_ERROR",
    `Channel \`${other}\` is not supported: templates are for whatsapp`,
  );
}

function qiscusOf(
  config: z.output<typeof QiscusConfig> | null | undefined,
): QiscusTemplate | null | undefined {
  if (config === undefined || config === null) return config;
  return {
    namespace: config.namespace ?? null,
    name: config.templateName,
    language: config.languageCode,
    header: config.headerVariables,
    body: config.bodyVariables,
    button: config.buttonVariables,
  };
}

function shown({ id, name, type, body, variables, qiscus, createdAt, updatedAt }: Template) {
  return {
    id,
    name,
    type,
    channels: ["whatsapp" as const],
    body,
    variables: [...variables],
    qiscusConfig: qiscus && {
      ...(qiscus.namespace === null ? {} : { namespace: qiscus.namespace }),
      templateName: qiscus.name,
      languageCode: qiscus.language,
      headerVariables: [...qiscus.header],
      bodyVariables: [...qiscus.body],
      buttonVariables: [...qiscus.button],
    },
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
