import { sentMessage } from "../../messages/sent_message.ts";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import { InvalidError, NotFoundError } from "../../errors.ts";
import { isOpen } from "../../messages/status.ts";
import type { SendMessage, Sent } from "../../messages/request.ts";
import type { Messages, OutgoingMessage } from "../../store/messages.ts";
import type { Receipts } from "../../store/receipts.ts";
import { isGroup } from "../../whatsapp/jid.ts";
import { checkChat, checkSend, type FenceDeps } from "../chat_fence.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam, query } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { DeviceId } from "../shapes/device.ts";
import { PLAIN_KINDS } from "../shapes/message_bodies.ts";
import {
  guessShown,
  MESSAGE_PAGE,
  MessageShape,
  messageShown,
  pageOfMessages,
  SentShape,
  sentShown,
} from "../shapes/message.ts";
import { SendHeaders, SendQuery } from "../shapes/send_options.ts";

const route = { tags: ["Messages"], security: TENANT_KEY };

const status = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/messages/{messageId}/status",
  summary: "See how far a message has come",
  request: {
    params: DeviceId.extend({
      messageId: z.string().openapi({
        param: { name: "messageId", in: "path" },
        description: "Our id of the message, or WhatsApp's",
      }),
    }),
  },
  responses: { 200: dataOf("The message", MessageShape), ...refusals(404, 429) },
});

const PAGE = 50;
const list = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/messages",
  summary: "List the messages that a device has sent or still has to send, newest first",
  request: {
    params: DeviceId,
    query: query({
      status: z.enum(["scheduled", "queued", "processing", "sent", "failed", "cancelled"]).optional().openapi(
        {
          description: "`sent`: also those that were delivered, read or played",
        },
      ),
      ...pageOfMessages,
    }),
  },
  responses: {
    200: MESSAGE_PAGE,
    ...refusals(404, 429),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/messages/{id}",
  summary: "See how far a message has come",
  request: { params: idParam("The message's id", "msg_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: { 200: dataOf("The message", MessageShape), ...refusals(404, 429) },
});

export interface MessageRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sendMessage: SendMessage;
  readonly messages: Pick<Messages, "get" | "byWaMessageId" | "list">;
  readonly inbox: FenceDeps["inbox"];
  readonly addresses: FenceDeps["addresses"];
  readonly countryCode: string;
  readonly receipts: Pick<Receipts, "counts">;
}

/** Routes that send messages without files, and tell what became of messages. */
export function createMessageRoutes(deps: MessageRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, sendMessage, messages, receipts } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  for (const { kind, summary, schema } of PLAIN_KINDS) {
    const send = createRoute({
      ...route,
      method: "post",
      path: `/devices/{id}/messages/${kind}`,
      summary,
      request: { params: DeviceId, query: SendQuery, headers: SendHeaders, body: jsonBody(schema) },
      responses: SEND_ANSWERS,
    });
    routes.openapi(send, async (c) => {
      const tenantId = c.get("tenant").id;
      const { idempotencyKey = c.req.header("Idempotency-Key"), ...message } = c.req.valid("json");
      const device = await devices.get(tenantId, c.req.valid("param").id);
      const { wait = true } = c.req.valid("query");
      await checkSend(c.get("access"), { device, ...message }, deps);
      const sent = await sendMessage({ tenantId, device, wait, idempotencyKey, ...message });
      if (sent.replayed) c.header("Idempotency-Replayed", "true");
      return c.json(sentAnswer(sent), statusCodeOf(sent));
    });
  }

  const shown = async (message: OutgoingMessage | undefined, id: string) => {
    if (message === undefined) throw new NotFoundError("message", id);
    if (!isGroup(message.to)) return messageShown(message);
    const { delivered, read, played } = await receipts.counts(message.id);
    const group = { delivered_count: delivered, read_count: read, played_count: played };
    return { ...messageShown(message), group };
  };

  routes.openapi(status, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const own = await sentMessage(messages, device.id, messageId);
    if (own !== undefined) await checkChat(c.get("access"), "read", { device, chat: own.to, ...deps });
    return c.json({ success: true as const, data: await shown(own, messageId) }, 200);
  });

  routes.openapi(list, async (c) => {
    const { status, limit = PAGE, cursor } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    if (cursor !== undefined && (await messages.get(cursor))?.deviceId !== device.id) {
      throw new InvalidError("cursor", "Parameter `cursor` must be the `next_cursor` of a page before");
    }
    const filter = { deviceId: device.id, status };
    const page = await messages.list(filter, { limit: limit + 1, before: cursor });
    const some = page.slice(0, limit);
    const next_cursor = page.length > limit ? some[some.length - 1].id : null;
    const data = { messages: some.map(messageShown), next_cursor };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(get, async (c) => {
    const { id } = c.req.valid("param");
    const found = await messages.get(id);
    const own = found?.tenantId === c.get("tenant").id ? found : undefined;
    return c.json({ success: true as const, data: await shown(own, id) }, 200);
  });

  return routes;
}

/** What every route that sends may answer. */
export const SEND_ANSWERS = {
  200: dataOf("WhatsApp has accepted the message", SentShape),
  202: dataOf("The message is stored, and is sent as soon as it can be", SentShape),
  ...refusals(404, 409, 413, 415, 422, 429, 502, 503),
};

export function sentAnswer({ message, normalizedFrom, leavesAt }: Sent) {
  const planned = leavesAt === undefined ? {} : { send_at: secondsOf(leavesAt) };
  return {
    success: true as const,
    data: { ...sentShown(message), ...planned, ...guessShown(normalizedFrom) },
  };
}

export function statusCodeOf({ message }: Sent): 200 | 202 {
  return isOpen(message) || message.status === "scheduled" ? 202 : 200;
}
