import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { NewContent } from "../../messages/request.ts";
import type { SendAll } from "../../messages/send_all.ts";
import { apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import { idempotencyKeyOf } from "../shapes/message_bodies.ts";
import { BulkResults, bulkShown, BulkSummary, MOST_BULK } from "../shapes/bulk.ts";
import {
  INSTANCE_FIELDS,
  INSTANCE_ROUTE,
  INSTANCE_SENT,
  type InstanceFields,
  type InstanceSendingDeps,
  sendThrough,
} from "./sending.ts";

type Request = InstanceFields & { readonly content: NewContent };

const Text = body({ ...INSTANCE_FIELDS, message: z.string().min(1).max(MOST_TEXT) })
  .transform(({ message, ...fields }): Request => ({ ...fields, content: { kind: "text", text: message } }));

const Poll = body({
  ...INSTANCE_FIELDS,
  question: z.string().min(1).max(255),
  options: z.array(z.string().min(1).max(100)).min(2).max(12)
    .refine((options) => new Set(options).size === options.length, "must not name an option twice"),
  multipleAnswers: z.boolean().optional(),
}).transform(({ question, options, multipleAnswers = false, ...fields }): Request => ({
  ...fields,
  content: { kind: "poll", question, options, selectableCount: multipleAnswers ? options.length : 1 },
}));

const Location = body({
  ...INSTANCE_FIELDS,
  latitude: z.number().min(-90).max(90).openapi({ example: -6.1754 }),
  longitude: z.number().min(-180).max(180).openapi({ example: 106.8272 }),
  name: z.string().max(200).optional(),
  address: z.string().max(500).optional(),
}).transform(({ latitude, longitude, name, address, ...fields }): Request => ({
  ...fields,
  content: {
    kind: "location",
    latitude,
    longitude,
    ...(name ? { name } : {}),
    ...(address ? { address } : {}),
  },
}));

const Contact = body({
  ...INSTANCE_FIELDS,
  contactName: z.string().min(1).max(200),
  contactNumber: z.string().min(1).max(40).openapi({ example: "+62 812-3456-789" }),
  organization: z.string().max(200).optional(),
}).transform(({ contactName, contactNumber, organization, ...fields }): Request => ({
  ...fields,
  content: {
    kind: "contact",
    contacts: [{
      displayName: contactName,
      phone: contactNumber,
      ...(organization ? { organization } : {}),
    }],
  },
}));

const KINDS: readonly {
  readonly kind: string;
  readonly what: string;
  readonly schema: z.ZodType<Request>;
}[] = [
  { kind: "text", what: "a text", schema: Text },
  { kind: "poll", what: "a poll", schema: Poll },
  { kind: "location", what: "a location", schema: Location },
  { kind: "contact", what: "a contact card", schema: Contact },
];

const forward = createRoute({
  ...INSTANCE_ROUTE,
  path: "/message/forward",
  summary: "Send a message on to somebody else through an instance",
  request: {
    query: apiQuery({}),
    body: jsonBody(body({
      instanceId: INSTANCE_FIELDS.instanceId,
      to: INSTANCE_FIELDS.to,
      messageId: z.string().min(1).max(100).openapi({ example: "3EB0C431C26A1916E07E" }),
      fromChatId: z.string().min(1).max(100).optional().openapi({
        description: "Not needed: the instance knows where its messages are",
      }),
    })),
  },
  responses: INSTANCE_SENT,
});

const bulk = createRoute({
  ...INSTANCE_ROUTE,
  path: "/message/send/bulk",
  summary: `Send up to ${MOST_BULK} texts, one a second; a blast takes more and does not keep you waiting`,
  request: {
    query: apiQuery({}),
    body: jsonBody(body({
      instanceId: INSTANCE_FIELDS.instanceId,
      messages: z.array(body({
        to: INSTANCE_FIELDS.to,
        message: z.string().min(1).max(MOST_TEXT).openapi({ example: "Halo!" }),
        quotedMessageId: INSTANCE_FIELDS.quotedMessageId,
      })).min(1).max(MOST_BULK),
    })),
  },
  responses: {
    200: json(
      "What became of each",
      z.object({
        success: z.literal(true),
        data: z.object({ summary: BulkSummary, results: BulkResults }),
        message: z.string(),
      }),
    ),
    ...apiRefusals(404, 409, 413, 415, 503),
  },
});

export interface InstanceMessageRouteDeps extends InstanceSendingDeps {
  readonly sendAll: SendAll;
}

/** Sending without files, for those who call devices instances. */
export function createInstanceMessageRoutes(deps: InstanceMessageRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  for (const { kind, what, schema } of KINDS) {
    const send = createRoute({
      ...INSTANCE_ROUTE,
      path: `/message/send/${kind}`,
      summary: `Send ${what} through an instance`,
      request: { query: apiQuery({}), body: jsonBody(schema) },
      responses: INSTANCE_SENT,
    });
    routes.openapi(send, async (c) => {
      const { content, ...fields } = c.req.valid("json");
      return c.json(await sendThrough(deps, c, fields, content), 200);
    });
  }

  routes.openapi(forward, async (c) => {
    const { instanceId, to, messageId } = c.req.valid("json");
    const content = { kind: "forward" as const, messageId };
    const said = "Message forwarded successfully";
    return c.json(await sendThrough(deps, c, { instanceId, to }, content, said), 200);
  });

  routes.openapi(bulk, async (c) => {
    const tenantId = c.get("tenant").id;
    const { instanceId, messages } = c.req.valid("json");
    const device = await deps.devices.get(tenantId, instanceId);
    const idempotencyKey = idempotencyKeyOf(c.req.header("Idempotency-Key"));
    const requests = messages.map(({ to, message, quotedMessageId }) => ({
      to,
      content: { kind: "text" as const, text: message },
      quotedId: quotedMessageId,
    }));
    const outcomes = await deps.sendAll({ tenantId, device, idempotencyKey }, requests);
    const data = bulkShown(messages, outcomes);
    return c.json({ success: true as const, data, message: "Bulk messages processed" }, 200);
  });

  return routes;
}
