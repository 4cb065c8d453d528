import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import type { Done, MessageActions } from "../../messages/actions.ts";
import { actedOn, checkDeed, type FenceDeps } from "../chat_fence.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { DeviceId } from "../shapes/device.ts";
import { Emoji } from "../shapes/emoji.ts";
import { foundSome } from "../../messages/mark_read.ts";

const route = { tags: ["Messages"], security: TENANT_KEY };
const Id = z.string().min(1).max(100);
const To = Id.optional().openapi({
  description: "The chat: for when another chat has a message of the same id, which is its sender's choice",
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
      body: jsonBody(body({ to: To, text: z.string().min(1).max(MOST_TEXT) })),
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
    body: jsonBody(body({ message_ids: z.array(Id).min(1).max(500), to: To })),
  },
  responses: {
    200: dataOf("It is told", z.object({ device_id: z.string(), marked: z.int() })),
    ...REFUSED,
  },
});

export interface DeedRouteDeps extends FenceDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly messageActions: MessageActions;
  readonly sessionFor: SessionFor;
}

/** Routes that do something to messages that are there already. */
export function createMessageActionRoutes(
  deps: DeedRouteDeps,
): OpenAPIHono<HttpEnv> {
  const { devices, messageActions, sessionFor, countryCode } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(react, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { to, emoji, ...ids } = c.req.valid("json");
    const messageId = ids.message_id ?? ids.messageId ?? "";
    await checkDeed(c.get("access"), { device, messageId, to }, deps);
    const done = await messageActions.react({ device, messageId, to, emoji });
    return c.json({ success: true as const, data: shown(device.id, done) }, 200);
  });

  for (const edit of edits) {
    routes.openapi(edit, async (c) => {
      const { id, messageId } = c.req.valid("param");
      const device = await devices.get(c.get("tenant").id, id);
      const request = { device, messageId, ...c.req.valid("json") };
      await checkDeed(c.get("access"), request, deps);
      const done = await messageActions.edit(request);
      return c.json({ success: true as const, data: shown(device.id, done) }, 200);
    });
  }

  routes.openapi(remove, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const request = { device, messageId, ...c.req.valid("query") };
    await checkDeed(c.get("access"), request, deps);
    const done = await messageActions.remove(request);
    return c.json({ success: true as const, data: shown(device.id, done) }, 200);
  });

  routes.openapi(markRead, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { message_ids, to } = c.req.valid("json");
    const chat = to === undefined ? undefined : recipientOf(to, "to", countryCode);
    const known = await actedOn(c.get("access"), message_ids, { device, to }, deps);
    const session = sessionFor(device);
    const marked = known.length === 0 ? [] : await session.markRead(known, chat);
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
