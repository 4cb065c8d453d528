import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { AddressBook } from "../../devices/address_book.ts";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import type { MessageActions } from "../../messages/actions.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Inbox } from "../../store/inbox.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import { markRead } from "../../messages/mark_read.ts";
import { Emoji } from "../shapes/emoji.ts";

const route = { tags: ["Instances"], security: API_KEY };
const Id = z.string().min(1).max(100);
const instanceId = Id.openapi({ example: "shop" });
const Chat = Id.openapi({ example: "628000000142@s.whatsapp.net" });
const MessageId = Id.openapi({ example: "3EB0C431C26A1916E07E" });
const DONE = json("It is done", z.object({ success: z.literal(true), message: z.string() }));
const REFUSED = apiRefusals(404, 409, 413, 415, 422, 502, 503, 504);

const react = createRoute({
  ...route,
  method: "put",
  path: "/message/reaction",
  summary: "React to a message through an instance",
  request: {
    query: apiQuery({}),
    body: jsonBody(
      body({
        instanceId,
        chatId: Chat.optional().openapi({ description: "Needed only for messages that are forgotten here" }),
        messageId: MessageId,
        reaction: Emoji.optional().openapi({ description: "Empty: take the reaction back", example: "👍" }),
        emoji: Emoji.optional(),
      }).refine(
        ({ reaction, emoji }) => (reaction ?? emoji) !== undefined,
        "must have a `reaction`, which may be empty",
      ),
    ),
  },
  responses: { 200: DONE, ...REFUSED },
});

const seen = createRoute({
  ...route,
  method: "post",
  path: "/message/seen",
  summary: "Tell the authors of a chat's messages that they were read",
  request: {
    query: apiQuery({}),
    body: jsonBody(body({
      instanceId,
      chatId: Chat,
      messageIds: z.array(MessageId).max(500).optional().openapi({
        description: "The newest 50 that came in when left out or empty",
      }),
      messageId: MessageId.optional(),
    })),
  },
  responses: { 200: DONE, ...REFUSED },
});

const typing = (["start", "stop"] as const).map((verb) => ({
  verb,
  route: createRoute({
    ...route,
    method: "post",
    path: `/message/typing/${verb}`,
    summary: verb === "start" ? "Show in a chat that somebody types" : "Show that nobody types any more",
    request: {
      query: apiQuery({}),
      body: jsonBody(
        body({ instanceId, to: Id.optional().openapi({ example: "628000000142" }), chatId: Chat.optional() })
          .refine(({ to, chatId }) => (to ?? chatId) !== undefined, "must have a `to`"),
      ),
    },
    responses: { 200: DONE, ...REFUSED },
  }),
}));

export interface InstanceDeedRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly messageActions: Pick<MessageActions, "react">;
  readonly sessionFor: SessionFor;
  readonly inbox: Pick<Inbox, "history">;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
}

/** What is done to messages and shown in chats, for those who call devices instances. */
export function createInstanceDeedRoutes(deps: InstanceDeedRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, messageActions, sessionFor, inbox, addresses, countryCode } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(react, async (c) => {
    const { instanceId, chatId, messageId, emoji = "", reaction = emoji } = c.req.valid("json");
    const device = await devices.get(c.get("tenant").id, instanceId);
    await messageActions.react({ device, messageId, to: chatId, emoji: reaction });
    const message = reaction === "" ? "Reaction removed successfully" : "Reaction added successfully";
    return c.json({ success: true as const, message }, 200);
  });

  routes.openapi(seen, async (c) => {
    const { instanceId, chatId, messageIds = [], messageId } = c.req.valid("json");
    const device = await devices.get(c.get("tenant").id, instanceId);
    // messages are filed under the number as soon as that is known
    const { jid: chat } = await addresses.chat(device.id, recipientOf(chatId, "chatId", countryCode));
    const named = messageId === undefined ? messageIds : [...messageIds, messageId];
    const ids = named.length > 0 ? named : undefined;
    await markRead({ session: sessionFor(device), inbox, deviceId: device.id, chat, ids });
    return c.json({ success: true as const, message: "Messages marked as seen" }, 200);
  });

  for (const { verb, route } of typing) {
    routes.openapi(route, async (c) => {
      const { instanceId, to, chatId = "" } = c.req.valid("json");
      const device = await devices.get(c.get("tenant").id, instanceId);
      const chat = recipientOf(to ?? chatId, to === undefined ? "chatId" : "to", countryCode);
      await sessionFor(device).setTyping(chat, verb === "start" ? "composing" : "paused");
      const message = verb === "start" ? "Typing indicator started" : "Typing indicator stopped";
      return c.json({ success: true as const, message }, 200);
    });
  }

  return routes;
}
