import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import type { Deeds, Done } from "../../messages/deeds.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query, secondsOf } from "../fields.ts";
import { DeviceId } from "./device_shape.ts";
import { foundSome } from "./marked.ts";

const route = { tags: ["Messages"], security: TENANT_KEY };
const Id = z.string().min(1).max(100);
const To = Id.optional().openapi({
  description: "The chat; needed only for messages that are forgotten here",
});

const DoneShape = z.object({
  message_id: z.string().openapi({ description: "The message that it was done to" }),
  wa_message_id: z.string(),
  device_id: z.string(),
  status: z.literal("sent"),
  to: z.string(),
  timestamp: z.int(),
});
const DONE = { 200: dataOf("WhatsApp has accepted it", DoneShape) };
const REFUSED = refusals(404, 409, 413, 415, 429, 502, 503);

const MessageId = DeviceId.extend({
  messageId: z.string().openapi({
    param: { name: "messageId", in: "path" },
    description: "Our id of the message, or WhatsApp's",
  }),
});

/** An emoji may be several characters that are shown as one, such as a family or a flag. */
function isOneSign(text: string): boolean {
  return [...SIGNS.segment(text)].length <= 1;
}
const SIGNS = new Intl.Segmenter();

/** What one reacts with; empty to take it back. */
export const Emoji = z.string().max(32).refine(isOneSign, "must be one emoji, or empty");

const react = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/messages/reaction",
  summary: "React to a message",
  request: {
    params: DeviceId,
    body: jsonBody(
      body({
        to: To,
        message_id: Id.optional(),
        messageId: Id.optional(),
        emoji: Emoji.openapi({
          description: "Empty: take the reaction back",
          example: "👍",
        }),
      }).refine(
        (fields) => (fields.message_id ?? fields.messageId) !== undefined,
        "must have a `message_id`",
      ),
    ),
  },
  responses: { ...DONE, ...REFUSED },
});

const edits = (["patch", "put"] as const).map((method) =>
  createRoute({
    ...route,
    method,
    path: "/devices/{id}/messages/{messageId}",
    summary: "Edit a text of yours, within 15 minutes",
    request: {
      params: MessageId,
      body: jsonBody(body({ to: To, text: z.string().min(1).max(65_536) })),
    },
    responses: { ...DONE, ...REFUSED },
  })
);

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/devices/{id}/messages/{messageId}",
  summary: "Delete a message for everybody",
  request: { params: MessageId, query: query({ to: To }) },
  responses: { ...DONE, ...refusals(404, 409, 429, 502, 503) },
});

const markRead = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/messages/mark-read",
  summary: "Tell the authors that messages were read",
  request: {
    params: DeviceId,
    body: jsonBody(body({ message_ids: z.array(Id).min(1).max(500) })),
  },
  responses: {
    200: dataOf("It is told", z.object({ device_id: z.string(), marked: z.int() })),
    ...REFUSED,
  },
});

export interface DeedRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly deeds: Deeds;
  readonly sessionFor: SessionFor;
}

/** Routes that do something to messages that are there already. */
export function createDeedRoutes({ devices, deeds, sessionFor }: DeedRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(react, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { to, emoji, ...ids } = c.req.valid("json");
    const messageId = ids.message_id ?? ids.messageId ?? "";
    const done = await deeds.react({ device, messageId, to, emoji });
    return c.json({ success: true as const, data: shown(device.id, done) }, 200);
  });

  for (const edit of edits) {
    routes.openapi(edit, async (c) => {
      const { id, messageId } = c.req.valid("param");
      const device = await devices.get(c.get("tenant").id, id);
      const done = await deeds.edit({ device, messageId, ...c.req.valid("json") });
      return c.json({ success: true as const, data: shown(device.id, done) }, 200);
    });
  }

  routes.openapi(remove, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const done = await deeds.remove({ device, messageId, ...c.req.valid("query") });
    return c.json({ success: true as const, data: shown(device.id, done) }, 200);
  });

  routes.openapi(markRead, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { message_ids } = c.req.valid("json");
    const marked = await sessionFor(device).markRead(message_ids);
    foundSome(message_ids, marked);
    return c.json({ success: true as const, data: { device_id: device.id, marked: marked.length } }, 200);
  });

  return routes;
}

function shown(deviceId: string, { messageId, waMessageId, to, at }: Done) {
  return {
    message_id: messageId,
    wa_message_id: waMessageId,
    device_id: deviceId,
    status: "sent" as const,
    to,
    timestamp: secondsOf(at),
  };
}
