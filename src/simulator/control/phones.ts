// Control API: phones of the gateway, the devices linked to them, and what goes wrong with those.
import { Hono } from "@hono/hono";
import { proto } from "@whiskeysockets/baileys";
import { z } from "zod";
import { historyChats, historyOf } from "./history.ts";
import { contentOf, hasOneContent, MESSAGE_FIELDS, ONE_CONTENT, wireOptionsOf } from "./message.ts";
import { chat, contactOf, ControlError, groupOf, number, phoneOf, readBody, receiptKind } from "./request.ts";
import { showDevice, showPhone } from "./view.ts";
import type { LinkedDevice } from "../people/linked_device.ts";
import type { VirtualPhone } from "../people/phone.ts";
import { nodeOf, stanza } from "./stanza.ts";
import type { WhatsAppSimulator } from "../server/server.ts";

const newPhone = z.strictObject({
  phone: number,
  name: z.string().min(1).optional(),
  history: historyChats.optional(),
});
const placeholders = z.strictObject({
  times: z.int().nonnegative().optional(),
  delayMs: z.int().nonnegative().optional(),
  together: z.boolean().optional(),
  participant: z.boolean().optional(),
  content: z.enum(["content", "empty", "nothing"]).optional(),
});
const habits = z.strictObject({
  name: z.string().min(1).optional(),
  /** How requests for placeholders are answered; what is left out is as usual. */
  placeholders: placeholders.optional(),
  /** How requests for older messages are answered. */
  historyAnswers: z.strictObject({
    times: z.int().nonnegative().optional(),
    delayMs: z.int().nonnegative().optional(),
  }).optional(),
});
const receipt = z.strictObject({
  chat,
  id: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  kind: receiptKind,
});
const reading = z.strictObject({ chat, kind: z.enum(["read", "read-self"]).optional() });
const mark = z.strictObject({ chat, read: z.boolean() });
const disappearing = z.strictObject({ to: number, seconds: z.int().nonnegative() });
const page = z.strictObject({
  kind: z.enum([
    "INITIAL_BOOTSTRAP",
    "INITIAL_STATUS_V3",
    "FULL",
    "RECENT",
    "PUSH_NAME",
    "NON_BLOCKING_DATA",
    "ON_DEMAND",
  ]).optional(),
  chats: historyChats.optional(),
  pushNames: z.array(number).optional(),
  chunkOrder: z.int().nonnegative().optional(),
  progress: z.int().min(0).max(100).optional(),
  requestId: z.string().optional(),
  asFile: z.boolean().optional(),
});
const saved = z.strictObject({ contact: number, fullName: z.string(), firstName: z.string().optional() });
const madeSetting = z.strictObject({
  collection: z.enum(["critical_block", "critical_unblock_low", "regular_high", "regular_low", "regular"]),
  index: z.array(z.string()).min(1),
  /** A `SyncActionValue` as JSON. */
  value: z.record(z.string(), z.unknown()),
  apiVersion: z.int().positive().optional(),
  isRemoved: z.boolean().optional(),
});
const migration = z.strictObject({ contacts: z.array(number).min(1) });
const raw = z.strictObject({ stanza, live: z.boolean().optional() });
const scan = z.strictObject({ qr: z.string().min(1) });
const enter = z.strictObject({
  code: z.string().min(1).transform((code) => code.replaceAll("-", "").toUpperCase()),
});
const typed = z.strictObject({ to: chat, ...MESSAGE_FIELDS }).refine(hasOneContent, ONE_CONTENT);
const streamError = z.strictObject({
  attrs: z.record(z.string(), z.string()).optional(),
  children: z.array(stanza).optional(),
});
const restart = z.strictObject({ code: z.string().regex(/^\d{3}$/).optional() });

const FATES = {
  drop: (device: LinkedDevice) => device.drop(),
  replace: (device: LinkedDevice) => device.replace(),
  remove: (device: LinkedDevice) => device.remove(),
  blackhole: (device: LinkedDevice) => {
    if (device.connection) device.connection.blackhole = true;
  },
} as const;

export function phoneRoutes(simulator: WhatsAppSimulator): Hono {
  const { network } = simulator;
  const deviceOf = (phone: VirtualPhone, id: string): LinkedDevice => {
    const device = phone.devices.get(Number(id));
    if (!device) throw new ControlError(404, `Phone ${phone.number} has no device ${id}`);
    return device;
  };
  const targetOf = (address: string) =>
    address.endsWith("@g.us") ? groupOf(network, address) : contactOf(network, address);
  const linked = async (linking: Promise<LinkedDevice>) => {
    try {
      return showDevice(await linking);
    } catch (error) {
      throw new ControlError(409, error instanceof Error ? error.message : String(error));
    }
  };

  const routes = new Hono();
  routes.get("/", (c) => c.json(network.phones.map(showPhone)));
  routes.post("/", async (c) => {
    const { phone: wanted, name, history } = await readBody(c, newPhone);
    const phone = network.phone(wanted, name);
    if (name !== undefined) phone.name = name;
    phone.history = history === undefined ? phone.history : historyOf(network, history);
    return c.json(showPhone(phone), 201);
  });
  routes.get("/:phone", (c) => c.json(showPhone(phoneOf(network, c.req.param("phone")))));
  routes.patch("/:phone", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const wanted = await readBody(c, habits);
    phone.name = wanted.name ?? phone.name;
    phone.placeholders = wanted.placeholders ?? phone.placeholders;
    phone.historyAnswers = wanted.historyAnswers ?? phone.historyAnswers;
    return c.json(showPhone(phone));
  });
  routes.post("/:phone/scan", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { qr } = await readBody(c, scan);
    return c.json(await linked(simulator.scanQr(qr, phone)), 201);
  });
  routes.post("/:phone/code", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { code } = await readBody(c, enter);
    return c.json(await linked(simulator.enterCode(code, phone)), 201);
  });
  routes.post("/:phone/messages", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { to, ...message } = await readBody(c, typed);
    const target = targetOf(to);
    const content = contentOf(network, message);
    return c.json({ id: await phone.type(target, content, wireOptionsOf(message, content)) }, 201);
  });
  routes.post("/:phone/receipts", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { chat: address, id, kind } = await readBody(c, receipt);
    phone.sendReceipt(targetOf(address), typeof id === "string" ? [id] : id, kind);
    return c.body(null, 204);
  });
  routes.post("/:phone/read", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { chat: address, kind } = await readBody(c, reading);
    return c.json({ ids: phone.read(targetOf(address), kind) });
  });
  routes.post("/:phone/marks", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { chat: address, read } = await readBody(c, mark);
    await phone.markChat(targetOf(address), read);
    return c.body(null, 204);
  });
  routes.put("/:phone/disappearing", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { to, seconds } = await readBody(c, disappearing);
    return c.json({ id: await phone.setDisappearing(contactOf(network, to), seconds) });
  });
  routes.post("/:phone/devices/:id/history", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { chats, pushNames, asFile, ...about } = await readBody(c, page);
    await phone.sendHistory(deviceOf(phone, c.req.param("id")), {
      ...about,
      chats: chats && historyOf(network, chats),
      pushNames: pushNames?.map((address) => contactOf(network, address)),
    }, { asFile });
    return c.body(null, 204);
  });
  routes.post("/:phone/contacts", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { contact, ...names } = await readBody(c, saved);
    await phone.saveContact(contactOf(network, contact), names);
    return c.body(null, 204);
  });
  routes.post("/:phone/settings", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { collection, value, ...change } = await readBody(c, madeSetting);
    await phone.changeSetting(collection, { ...change, value: proto.SyncActionValue.fromObject(value) });
    return c.body(null, 204);
  });
  routes.post("/:phone/lid-migration", async (c) => {
    const phone = phoneOf(network, c.req.param("phone"));
    const { contacts } = await readBody(c, migration);
    await phone.migrateToLids([phone, ...contacts.map((address) => contactOf(network, address))]);
    return c.body(null, 204);
  });
  routes.post("/:phone/devices/:id/stanzas", async (c) => {
    const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
    const { stanza: given, live } = await readBody(c, raw);
    if (live) device.sendLive(nodeOf(given));
    else device.deliver(nodeOf(given));
    return c.body(null, 204);
  });
  routes.post("/:phone/devices/:id/stream-error", async (c) => {
    const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
    const { attrs = {}, children = [] } = await readBody(c, streamError);
    device.endStream(attrs, ...children.map(nodeOf));
    return c.json(showDevice(device));
  });
  routes.post("/:phone/devices/:id/restart", async (c) => {
    const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
    device.restart((await readBody(c, restart)).code);
    return c.json(showDevice(device));
  });
  for (const [fate, happen] of Object.entries(FATES)) {
    routes.post(`/:phone/devices/:id/${fate}`, (c) => {
      const device = deviceOf(phoneOf(network, c.req.param("phone")), c.req.param("id"));
      happen(device);
      return c.json(showDevice(device));
    });
  }
  return routes;
}
