import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import { InvalidError } from "../../errors.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { deviceData } from "../../formats/device_data.ts";
import type { ReadInbox, Told } from "../../whatsapp/read_inbox.ts";
import type { MessageSearch } from "../../messages/search.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Device } from "../../store/devices.ts";
import { type ChatReads, MOST_UNREAD } from "../../store/chat_reads.ts";
import type { HistoryEnd, Inbox, InboxMessage } from "../../store/inbox.ts";
import type { AddressBook } from "../../devices/address_book.ts";
import { kindOf } from "../../whatsapp/jid.ts";
import { chatsOf as chatsIn, isAmong, notForChat, readableChats, type Way } from "../chat_fence.ts";
import type { KeyAccess } from "../../tenants/keyring.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, query, wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { DeviceId } from "../shapes/device.ts";
import { MARKED, markRead as mark } from "../../messages/mark_read.ts";

const route = { tags: ["Chats"], security: TENANT_KEY };

const Chat = DeviceId.extend({
  chat: z.string().openapi({
    param: { name: "chat", in: "path" },
    description: "The chat's jid, or a phone number",
    example: "628000000142@s.whatsapp.net",
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
          unread: z.int().openapi({
            description:
              `Messages that came in after the one that was read last (here, on the phone or on another linked device) ` +
              `and after your own last one; of the newest ${MOST_UNREAD}, so ${MOST_UNREAD} may be more`,
          }),
          marked_unread: z.boolean().openapi({
            description: "The owner marked the chat as unread on the phone",
          }),
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
      cursor: z.string().max(300).optional().openapi({
        description:
          "`next_cursor` of the page before, instead of `before`: pages are never longer than `limit`",
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
        next_cursor: z.string().nullable().openapi({ description: "Null on the last page" }),
      }),
    ),
    ...refusals(404, 429),
  },
});

const search = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/search",
  summary: "Search in the messages of a device",
  request: {
    params: DeviceId,
    query: query({
      query: z.string().min(1).max(200).openapi({
        description: "Words that a message must have, each at least by its beginning; up to ten",
        example: "invoice november",
      }),
      chat: z.string().max(100).optional().openapi({
        description: "Only this chat: its jid, or a phone number",
      }),
      limit: wholeNumber({ min: 1, max: 200 }).optional(),
      cursor: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional().openapi({
        description: "`next_cursor` of the page before",
      }),
    }),
  },
  responses: {
    200: dataOf(
      "A page of messages, those that came last first; for a key for some chats it may be shorter than `limit`",
      z.object({
        messages: z.array(MessageShape),
        count: z.int(),
        next_cursor: z.int().nullable().openapi({ description: "Null on the last page" }),
        complete: z.boolean().openapi({
          description: "False while older messages are still being indexed: ask again for those",
        }),
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
  readonly chatReads: Pick<ChatReads, "unread">;
  readonly readInbox: ReadInbox;
  readonly search: Pick<MessageSearch, "messages">;
  readonly sessionFor: SessionFor;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
  readonly now: () => number;
}

/** Routes over the conversations of a device. */
export function createChatRoutes(
  { devices, inbox, chatReads, readInbox, search: searching, addresses, sessionFor, countryCode, now }:
    ChatRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  /** By whichever address a person is named: messages are filed under the number as soon as that is known. */
  const chatOf = async (device: Device, text: string, access: KeyAccess, way: Way = "read") => {
    const found = await addresses.chat(device.id, recipientOf(text, "chat", countryCode));
    if (!isAmong(chatsIn(access, way), found)) throw notForChat(way, text);
    return found.jid;
  };

  routes.openapi(list, async (c) => {
    const { limit = 50, offset = 0 } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const found = await readableChats(device, { limit, offset }, c.get("access"), { inbox, addresses });
    const unread = await chatReads.unread(device.id, found.map(({ chat }) => chat));
    const chats = await Promise.all(found.map(async ({ chat, lastAt }) => {
      const [last] = await readInbox(await inbox.history(device.id, chat, { limit: 1 }), device);
      return {
        chat_id: chat,
        kind: kindOf(chat),
        last_message_at: secondsOf(lastAt),
        last_message: last === undefined ? null : shown(last),
        unread: unread.get(chat)?.count ?? 0,
        marked_unread: unread.get(chat)?.marked ?? false,
      };
    }));
    return c.json({ success: true as const, data: { chats, count: chats.length, limit, offset } }, 200);
  });

  routes.openapi(history, async (c) => {
    const { id, chat } = c.req.valid("param");
    const { limit = 50, before, cursor } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = await chatOf(device, chat, c.get("access"));
    const page = cursor === undefined
      ? await pageOf(inbox, device, jid, { limit, before })
      : await pageBehind(inbox, device, jid, { limit, end: endOf(cursor) });
    const messages = (await readInbox(page.rows, device)).map(shown);
    const last = page.nextBefore === null ? undefined : page.rows.at(-1);
    const data = {
      chat_id: jid,
      messages,
      count: messages.length,
      next_before: page.nextBefore,
      next_cursor: last === undefined ? null : cursorOf(last),
    };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(search, async (c) => {
    const { query, chat, limit = 50, cursor } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const found = await searching.messages(device, query, {
      limit,
      ...(chat === undefined ? {} : { chat: await chatOf(device, chat, c.get("access")) }),
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    const { readChats } = c.get("access");
    const own = found.messages.filter(({ data }) => isAmong(readChats, data.chat));
    const messages = own.map((told) => ({ chat_id: told.data.chat.jid, ...shown(told) }));
    const data = { messages, count: messages.length, next_cursor: found.next, complete: found.complete };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(markRead, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = await chatOf(device, chat, c.get("access"), "send");
    const ids = c.req.valid("json")?.message_ids;
    const marked = await mark({ session: sessionFor(device), inbox, deviceId: device.id, chat: jid, ids });
    return c.json({ success: true as const, data: { chat_id: jid, marked: marked.length } }, 200);
  });

  routes.openapi(archive, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = await chatOf(device, chat, c.get("access"), "send");
    const { archive: archived } = c.req.valid("json");
    await sessionFor(device).archive(jid, archived);
    return c.json({ success: true as const, data: { chat_id: jid, archived } }, 200);
  });

  routes.openapi(mute, async (c) => {
    const { id, chat } = c.req.valid("param");
    const device = await devices.get(c.get("tenant").id, id);
    const jid = await chatOf(device, chat, c.get("access"), "send");
    const { mute: muted, ...duration } = c.req.valid("json");
    const until = muted ? now() + (duration.duration_ms ?? duration.durationMs ?? MUTE_MS) : null;
    await sessionFor(device).mute(jid, until);
    const data = { chat_id: jid, muted, until: until === null ? null : secondsOf(until) };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}

interface Page {
  readonly rows: readonly InboxMessage[];
  /** Unix seconds; null on the last page. */
  readonly nextBefore: number | null;
}

/** So many messages of one second a page holds at most, whatever its limit. */
const MOST_OF_A_SECOND = 2_000;

/**
 * A page ends between two seconds, as WhatsApp's times are whole ones: so no message falls between two pages. Where one
 * second holds more than a page, the page is as long as that second.
 */
async function pageOf(
  inbox: Pick<Inbox, "history">,
  device: Device,
  chat: string,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<Page> {
  const read = (most: number) =>
    inbox.history(device.id, chat, {
      limit: most,
      ...(before === undefined ? {} : { before: before * 1_000 }),
    });
  const rows = await read(limit + 1);
  const next = rows[limit];
  if (next === undefined) return { rows, nextBefore: null };
  const second = secondsOf(next.sentAt);
  const whole = rows.filter(({ sentAt }) => secondsOf(sentAt) !== second);
  if (whole.length > 0) return { rows: whole, nextBefore: second + 1 };
  const more = await read(MOST_OF_A_SECOND);
  const within = more.filter(({ sentAt }) => secondsOf(sentAt) === second);
  const isAll = within.length === more.length && more.length < MOST_OF_A_SECOND;
  return { rows: within, nextBefore: isAll ? null : second };
}

async function pageBehind(
  inbox: Pick<Inbox, "history">,
  device: Device,
  chat: string,
  { limit, end }: { readonly limit: number; readonly end: HistoryEnd },
): Promise<Page> {
  const rows = await inbox.history(device.id, chat, { limit: limit + 1, before: end });
  const next = rows[limit];
  if (next === undefined) return { rows, nextBefore: null };
  return { rows: rows.slice(0, limit), nextBefore: secondsOf(next.sentAt) + 1 };
}

function cursorOf({ sentAt, messageId }: InboxMessage): string {
  return `${sentAt}.${messageId}`;
}

function endOf(cursor: string): HistoryEnd {
  const [, sentAt, messageId] = /^(\d{1,16})\.(.+)$/s.exec(cursor) ?? [];
  if (messageId === undefined) {
    throw new InvalidError("cursor", "Parameter `cursor` must be the `next_cursor` of a page before");
  }
  return { sentAt: Number(sentAt), messageId };
}

function shown(told: Told) {
  const data = deviceData(told, told.type) as Readonly<Record<string, unknown>>; // what a message told is an object
  return { event: told.type, message_id: told.data.messageId, ...data };
}
