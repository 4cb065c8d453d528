import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { deviceData } from "../../formats/device_data.ts";
import { readInbox, type Told } from "../../messages/history.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Device } from "../../store/devices.ts";
import type { Inbox, InboxMessage } from "../../store/inbox.ts";
import { kindOf } from "../../whatsapp/jid.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query, secondsOf, wholeNumber } from "../fields.ts";
import { DeviceId } from "./device_shape.ts";
import { MARKED, markRead as mark } from "./marked.ts";

const route = { tags: ["Chats"], security: TENANT_KEY };

const Chat = DeviceId.extend({
  chat: z.string().openapi({
    param: { name: "chat", in: "path" },
    description: "The chat's jid, or a phone number",
    example: "628123456789@s.whatsapp.net",
  }),
});

const MessageShape = z.looseObject({
  event: z.string().openapi({ description: "What the message is, such as `message.received`" }),
  message_id: z.string(),
}).openapi("ChatMessage", { description: "The `data` of the event that told of it" });

const list = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/chats",
  summary: "List the conversations of a device, the newest first",
  request: {
    params: DeviceId,
    query: query({
      limit: wholeNumber({ min: 1, max: 200 }).optional(),
      offset: wholeNumber({ min: 0, max: 1_000_000 }).optional(),
    }),
  },
  responses: {
    200: dataOf(
      "A page of chats",
      z.object({
        chats: z.array(z.object({
          chat_id: z.string(),
          kind: z.enum(["person", "group", "broadcast", "newsletter"]),
          last_message_at: z.int(),
          last_message: MessageShape.nullable(),
        })),
        count: z.int(),
        limit: z.int(),
        offset: z.int(),
      }),
    ),
    ...refusals(404, 429),
  },
});

const history = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/chats/{chat}/messages",
  summary: "Read a conversation backwards, page by page",
  request: {
    params: Chat,
    query: query({
      limit: wholeNumber({ min: 1, max: 200 }).optional(),
      before: wholeNumber({ min: 0, max: 100_000_000_000 }).optional().openapi({
        description: "Unix seconds: `next_before` of the page before",
      }),
    }),
  },
  responses: {
    200: dataOf(
      "A page of messages, newest first",
      z.object({
        chat_id: z.string(),
        messages: z.array(MessageShape),
        count: z.int(),
        next_before: z.int().nullable().openapi({ description: "Null on the last page" }),
      }),
    ),
    ...refusals(404, 429),
  },
});

const markRead = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/chats/{chat}/mark-read",
  summary: "Tell the authors that their messages were read",
  request: {
    params: Chat,
    body: jsonBody(
      body({
        message_ids: z.array(z.string().min(1).max(100)).min(1).max(500).optional().openapi({
          description: `The newest ${MARKED} that came in when left out`,
        }),
      }),
      { required: false },
    ),
  },
  responses: {
    200: dataOf(
      "It is told",
      z.object({
        chat_id: z.string(),
        marked: z.int().openapi({ description: "Not counted: messages that are not known, and your own" }),
      }),
    ),
    ...refusals(404, 409, 413, 415, 429, 502, 504),
  },
});

const archive = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/chats/{chat}/archive",
  summary: "Archive a chat, or take it out of the archive",
  request: { params: Chat, body: jsonBody(body({ archive: z.boolean() })) },
  responses: {
    200: dataOf("It is done", z.object({ chat_id: z.string(), archived: z.boolean() })),
    ...refusals(404, 409, 413, 415, 429, 502, 504),
  },
});

const MUTE_MS = 8 * 3_600_000;
const mute = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/chats/{chat}/mute",
  summary: "Mute a chat for a while, or not any more",
  request: {
    params: Chat,
    body: jsonBody(body({
      mute: z.boolean(),
      duration_ms: z.int().min(1).optional().openapi({ description: "8 hours when left out" }),
      durationMs: z.int().min(1).optional(),
    })),
  },
  responses: {
    200: dataOf(
      "It is done",
      z.object({ chat_id: z.string(), muted: z.boolean(), until: z.int().nullable() }),
    ),
    ...refusals(404, 409, 413, 415, 429, 502, 504),
  },
});

export interface ChatRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly inbox: Pick<Inbox, "chats" | "history">;
  readonly sessionFor: SessionFor;
  readonly countryCode: string;
  readonly now: () => number;
}

/** Routes over the conversations of a device. */
export function createChatRoutes(
  { devices, inbox, sessionFor, countryCode, now }: ChatRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  const chatOf = (text: string) => recipientOf(text, "chat", countryCode);

  routes.openapi(list, async (c) => {
    const { limit = 50, offset = 0 } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const found = await inbox.chats(device.id, { limit, offset });
    const chats = await Promise.all(found.map(async ({ chat, lastAt }) => {
      const [last] = await readInbox(await inbox.history(device.id, chat, { limit: 1 }), device);
      return {
        chat_id: chat,
        kind: kindOf(chat),
        last_message_at: secondsOf(lastAt),
        last_message: last === undefined ? null : shown(last),
      };
    }));
    return c.json({ success: true as const, data: { chats, count: chats.length, limit, offset } }, 200);
  });

  routes.openapi(history, async (c) => {
    const { id, chat } = c.req.valid("param");
    const { limit = 50, before } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = chatOf(chat);
    const page = await pageOf(inbox, device, jid, { limit, before });
    const messages = (await readInbox(page.rows, device)).map(shown);
    const data = { chat_id: jid, messages, count: messages.length, next_before: page.nextBefore };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(markRead, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = chatOf(chat);
    const ids = c.req.valid("json")?.message_ids;
    const marked = await mark({ session: sessionFor(device), inbox, deviceId: device.id, chat: jid, ids });
    return c.json({ success: true as const, data: { chat_id: jid, marked: marked.length } }, 200);
  });

  routes.openapi(archive, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = chatOf(chat);
    const { archive: archived } = c.req.valid("json");
    await sessionFor(device).archive(jid, archived);
    return c.json({ success: true as const, data: { chat_id: jid, archived } }, 200);
  });

  routes.openapi(mute, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = chatOf(chat);
    const { mute: muted, ...duration } = c.req.valid("json");
    const until = muted ? now() + (duration.duration_ms ?? duration.durationMs ?? MUTE_MS) : null;
    await sessionFor(device).mute(jid, until);
    const data = { chat_id: jid, muted, until: until === null ? null : secondsOf(until) };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}

/** A page ends between two seconds, as WhatsApp's times are whole ones: so no message falls between two pages. */
async function pageOf(
  inbox: Pick<Inbox, "history">,
  device: Device,
  chat: string,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<{ readonly rows: readonly InboxMessage[]; readonly nextBefore: number | null }> {
  const rows = await inbox.history(device.id, chat, {
    limit: limit + 1,
    ...(before === undefined ? {} : { before: before * 1_000 }),
  });
  const next = rows[limit];
  if (next === undefined) return { rows, nextBefore: null };
  const whole = rows.slice(0, limit).filter(({ sentAt }) => secondsOf(sentAt) !== secondsOf(next.sentAt));
  if (whole.length === 0) return { rows: rows.slice(0, limit), nextBefore: secondsOf(next.sentAt) };
  return { rows: whole, nextBefore: secondsOf(next.sentAt) + 1 };
}

function shown(told: Told) {
  const data = deviceData(told, told.type) as Readonly<Record<string, unknown>>; // what a message told is an object
  return { event: told.type, message_id: told.data.messageId, ...data };
}
