import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { NewContent } from "../../messages/send.ts";
import { jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import {
  INSTANCE_FIELDS,
  INSTANCE_ROUTE,
  INSTANCE_SENT,
  type InstanceFields,
  type InstanceSendingDeps,
  sendThrough,
} from "./instance_sending.ts";

type Request = InstanceFields & { readonly content: NewContent };

const Text = body({ ...INSTANCE_FIELDS, message: z.string().min(1).max(65_536) })
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

/** Sending without files, for those who call devices instances. */
export function createInstanceMessageRoutes(deps: InstanceSendingDeps): OpenAPIHono<HttpEnv> {
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
  return routes;
}
