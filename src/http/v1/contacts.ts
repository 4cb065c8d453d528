import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import type { AddressBook } from "../../devices/address_book.ts";
import { InvalidError } from "../../errors.ts";
import { readPhoneNumber } from "../../whatsapp/jid.ts";
import { recipientOf } from "../../messages/recipient.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import { checkChat } from "../chat_fence.ts";
import type { HttpEnv } from "../context.ts";
import { body, commaList, query } from "../fields.ts";
import { DeviceId } from "../shapes/device.ts";
import { guessShown, NormalizedFrom } from "../shapes/message.ts";

const MOST_PHONES = 50;
const TYPES = ["composing", "recording", "paused", "available", "unavailable", "subscribe"] as const;
const route = { security: TENANT_KEY };

const check = createRoute({
  ...route,
  tags: ["Contacts"],
  method: "get",
  path: "/devices/{id}/contacts/check",
  summary: "See which phone numbers are on WhatsApp",
  request: {
    params: DeviceId,
    query: query({
      phone: commaList(`One phone number or up to ${MOST_PHONES}, separated by commas`)
        .refine((phones) => phones.length > 0, "must name a phone number")
        .refine((phones) => phones.length <= MOST_PHONES, `must name at most ${MOST_PHONES} phone numbers`)
        .openapi({ example: "628000000142" }),
    }),
  },
  responses: {
    200: dataOf(
      "The first number, and all of them",
      z.object({
        phone: z.string().openapi({ example: "628000000142" }),
        exists: z.boolean(),
        wa_jid: z.string().nullable(),
        contacts: z.array(
          z.object({
            input: z.string(),
            phone: z.string(),
            exists: z.boolean(),
            wa_jid: z.string().nullable(),
            normalized_from: NormalizedFrom,
          }),
        ),
      }),
    ),
    ...refusals(404, 409, 429, 502),
  },
});

const presence = createRoute({
  ...route,
  tags: ["Chats"],
  method: "post",
  path: "/devices/{id}/presence",
  summary: "Show that somebody types, or is online; or ask for the presence of somebody",
  request: {
    params: DeviceId,
    body: jsonBody(body({
      to: z.string().min(1).max(100).optional().openapi({
        description: "The chat; not for `available` and `unavailable`",
      }),
      type: z.enum(TYPES).openapi({
        description: "`subscribe`: send `presence.updated` events of this person while you are available",
      }),
    })),
  },
  responses: {
    200: dataOf(
      "It is done",
      z.object({ device_id: z.string(), to: z.string().nullable(), type: z.enum(TYPES) }),
    ),
    ...refusals(404, 409, 413, 415, 429, 502),
  },
});

export interface ContactRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sessionFor: SessionFor;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
}

/** Routes about people: who is on WhatsApp, who types, who is online. */
export function createContactRoutes(
  { devices, sessionFor, addresses, countryCode }: ContactRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(check, async (c) => {
    const inputs = c.req.valid("query").phone;
    const read = inputs.map((input) => readPhoneNumber(input, { countryCode, field: "phone" }));
    const phones = read.map(({ phone }) => phone);
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const found = await sessionFor(device).onWhatsApp([...new Set(phones)]);
    const contacts = phones.map((phone, index) => {
      const jid = found.get(phone) ?? null;
      const guess = guessShown(read[index].normalizedFrom);
      return { input: inputs[index], phone, exists: jid !== null, wa_jid: jid, ...guess };
    });
    const { phone, exists, wa_jid } = contacts[0];
    return c.json({ success: true as const, data: { phone, exists, wa_jid, contacts } }, 200);
  });

  routes.openapi(presence, async (c) => {
    const { to, type } = c.req.valid("json");
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const session = sessionFor(device);
    if (type === "available" || type === "unavailable") {
      await session.setOnline(type === "available");
      return c.json({ success: true as const, data: { device_id: device.id, to: null, type } }, 200);
    }
    if (to === undefined) {
      throw new InvalidError(
        "to",
        `Field \`to\` is required for \`${type}\`: it must be a phone number or a jid`,
      );
    }
    const chat = recipientOf(to, "to", countryCode);
    await checkChat(c.get("access"), "send", { device, chat, addresses });
    if (type === "subscribe") await session.subscribePresence(chat);
    else await session.setTyping(chat, type);
    return c.json({ success: true as const, data: { device_id: device.id, to: chat, type } }, 200);
  });

  return routes;
}
