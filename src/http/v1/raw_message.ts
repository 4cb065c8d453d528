import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Buffer } from "node:buffer";
import type { AddressBook } from "../../devices/address_book.ts";
import type { DeviceService } from "../../devices/devices.ts";
import { unknownMessage } from "../../messages/actions.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { ReadRaw } from "../../whatsapp/read_inbox.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { query } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { DeviceId } from "../shapes/device.ts";

const raw = createRoute({
  tags: ["Messages"],
  security: TENANT_KEY,
  method: "get",
  path: "/devices/{id}/messages/{messageId}/raw",
  summary: "Get a message byte by byte, as WhatsApp sent it",
  description: "For what events do not tell, such as a kind of message that this version does not know.",
  request: {
    params: DeviceId.extend({
      messageId: z.string().openapi({
        param: { name: "messageId", in: "path" },
        description: "WhatsApp's id of the message",
      }),
    }),
    query: query({
      chat: z.string().min(1).max(100).optional().openapi({
        description: "Its chat; needed only where messages of several chats have this id",
      }),
    }),
  },
  responses: {
    200: dataOf(
      "The message",
      z.object({
        message_id: z.string(),
        chat_id: z.string(),
        from_me: z.boolean(),
        timestamp: z.int(),
        encoding: z.enum(["protobuf", "stanza"]).openapi({
          description:
            "`protobuf`: the decrypted `Message` of WhatsApp's protocol. `stanza`: the message came " +
            "without content; this is the outline of its stanza, as JSON",
        }),
        raw: z.string().openapi({ description: "The bytes as Base64" }),
      }),
    ),
    ...refusals(404, 429),
  },
});

export interface RawRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly inbox: Pick<Inbox, "get">;
  readonly readRaw: ReadRaw;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
}

/** The route that hands out messages as they came. */
export function createRawRoutes(
  { devices, inbox, readRaw, addresses, countryCode }: RawRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(raw, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const { chat } = c.req.valid("query");
    const device = await devices.get(c.get("tenant").id, id);
    const place = chat && await addresses.chat(device.id, recipientOf(chat, "chat", countryCode));
    const row = await inbox.get(device.id, messageId, place ? place.jid : undefined);
    const found = row && await readRaw(row);
    if (row === undefined || found === undefined) {
      throw unknownMessage(messageId);
    }
    const data = {
      message_id: messageId,
      chat_id: row.chat,
      from_me: row.fromMe,
      timestamp: secondsOf(row.sentAt),
      encoding: found.encoding,
      raw: Buffer.from(found.bytes).toString("base64"),
    };
    return c.json({ success: true as const, data }, 200);
  });
  return routes;
}
