// Control API: people who write with the phones, and everything they can do.
import { Hono } from "@hono/hono";
import { z } from "zod";
import type { Network } from "../people/network.ts";
import type { Contact } from "../people/contact.ts";
import { textContent } from "../people/content.ts";
import {
  contentOf,
  hasOneContent,
  MESSAGE_FIELDS,
  ONE_CONTENT,
  optionsOf,
  wireOptionsOf,
  writerOf,
} from "./message.ts";
import {
  chat,
  chatOf,
  contactOf,
  ControlError,
  groupOf,
  number,
  personOf,
  phoneOf,
  readBody,
  readQuery,
  receiptKind,
} from "./request.ts";
import { showCallAnswer, showContact, showReceipt, showReceived } from "./view.ts";
import { wordsOf } from "../people/reading.ts";
import type { WhatsAppSimulator } from "../server/server.ts";

const MAX_WAIT_S = 60;
const habits = {
  name: z.string().min(1).optional(),
  addressing: z.enum(["lid", "pn"]).optional(),
  pictureUrl: z.url().optional(),
  /** Nobody is told the number. */
  isNumberHidden: z.boolean().optional(),
  /** False is a number that is registered, but has no device. */
  hasDevices: z.boolean().optional(),
  /** Lets nobody add them to groups. */
  refusesGroups: z.boolean().optional(),
  /** Other numbers that look-ups find this person under. */
  alsoFoundAs: z.array(number).optional(),
  autoReceipts: z.array(receiptKind).optional(),
  /** The answer to every message; {text} stands for what was said. Null ends it. */
  autoReply: z.string().nullable().optional(),
};
const newContact = z.strictObject({ phone: number, ...habits });
const changedContact = z.strictObject(habits);
const sending = z.strictObject({ to: chat, ...MESSAGE_FIELDS }).refine(hasOneContent, ONE_CONTENT);
const reading = z.strictObject({
  wait: z.coerce.number().min(0).max(MAX_WAIT_S).optional(),
  after: z.string().optional(),
});
const renumbering = z.strictObject({
  phone: number,
  lid: z.string().regex(/^\d+$/, "expected digits").optional(),
});
const receipt = z.strictObject({
  to: number,
  /** The address that the messages were sent to, if it cannot be known from them. */
  chat: z.string().optional(),
  id: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  kind: receiptKind,
  /** The linked device of the contact that says so; the phone when left out. */
  device: z.int().nonnegative().max(99).optional(),
});
const reaction = z.strictObject({ to: chat, id: z.string().min(1), emoji: z.string() });
/** Who wrote the message; the contact when left out. */
const by = number.optional();
const edit = z.strictObject({ to: chat, id: z.string().min(1), text: z.string(), by });
const revoke = z.strictObject({ to: chat, id: z.string().min(1), by });
const vote = z.strictObject({ to: chat, id: z.string().min(1), options: z.array(z.string()) });
const call = z.strictObject({
  to: number,
  callId: z.string().min(1).optional(),
  step: z.enum([
    "offer",
    "offer_notice",
    "preaccept",
    "accept",
    "reject",
    "transport",
    "relaylatency",
    "terminate",
    "timeout",
  ]).default("offer"),
  reason: z.string().min(1).optional(),
  video: z.boolean().optional(),
  group: z.string().optional(),
});
const presence = z.strictObject({
  to: number,
  state: z.enum(["online", "offline", "composing", "recording", "paused"]),
  lastSeen: z.int().positive().optional(),
  group: z.string().optional(),
});
const linked = z.strictObject({ id: z.int().positive().max(99), hosted: z.boolean().optional() });
const disappearing = z.strictObject({ to: number, seconds: z.int().nonnegative() });
const status = z.strictObject({ to: number, ...MESSAGE_FIELDS }).refine(hasOneContent, ONE_CONTENT);

function adopt(network: Network, contact: Contact, wanted: z.output<typeof changedContact>): void {
  const { name, addressing, pictureUrl, autoReceipts, autoReply } = wanted;
  contact.isNumberHidden = wanted.isNumberHidden ?? contact.isNumberHidden;
  contact.refusesGroups = wanted.refusesGroups ?? contact.refusesGroups;
  contact.hasDevices = wanted.hasDevices ?? contact.hasDevices;
  for (const alias of wanted.alsoFoundAs ?? []) network.alias(alias, contact.number);
  contact.name = name ?? contact.name;
  contact.addressing = addressing ?? contact.addressing;
  contact.pictureUrl = pictureUrl ?? contact.pictureUrl;
  contact.autoReceipts = autoReceipts ?? contact.autoReceipts;
  if (autoReply === null) contact.autoReply = undefined;
  else if (autoReply !== undefined) {
    contact.autoReply = ({ message }) =>
      textContent(autoReply.replaceAll("{text}", () => wordsOf(message) ?? ""));
  }
}

export function contactRoutes({ network }: WhatsAppSimulator, stopping: AbortSignal): Hono {
  const routes = new Hono();
  const find = (c: { readonly req: { param(name: "phone"): string } }) =>
    contactOf(network, c.req.param("phone"));

  routes.get("/", (c) => c.json(network.contacts.map(showContact)));
  routes.post("/", async (c) => {
    const { phone, ...wanted } = await readBody(c, newContact);
    if (network.findPhone(phone)) {
      throw new ControlError(409, `phone: ${phone} is a phone of the gateway`, "phone");
    }
    const contact = network.findContact(phone) ?? network.contact(phone, wanted.name);
    adopt(network, contact, wanted);
    return c.json(showContact(contact), 201);
  });
  routes.get("/:phone", (c) => c.json(showContact(find(c))));
  routes.patch("/:phone", async (c) => {
    const contact = find(c);
    adopt(network, contact, await readBody(c, changedContact));
    return c.json(showContact(contact));
  });
  routes.post("/:phone/messages", async (c) => {
    const contact = find(c);
    const { to, ...message } = await readBody(c, sending);
    const content = contentOf(network, message);
    const id = await contact.send(chatOf(network, to), content, optionsOf(network, message, content));
    return c.json({ id }, 201);
  });
  routes.get("/:phone/messages", async (c) => {
    const contact = find(c);
    const { wait = 0, after } = readQuery(c, reading);
    const later = () => {
      const seen = after === undefined ? -1 : contact.inbox.findLastIndex(({ id }) => id === after);
      return contact.inbox.slice(seen + 1);
    };
    await network.waitFor(() => stopping.aborted || later().length > 0, wait * 1_000);
    return c.json(later().map(showReceived));
  });
  routes.get("/:phone/receipts", (c) => c.json(find(c).receipts.map(showReceipt)));
  routes.post("/:phone/receipts", async (c) => {
    const contact = find(c);
    const { to, id, kind, chat: address, device } = await readBody(c, receipt);
    contact.sendReceipt(phoneOf(network, to), id, kind, address, device);
    return c.body(null, 204);
  });
  routes.post("/:phone/reactions", async (c) => {
    const contact = find(c);
    const { to, id, emoji } = await readBody(c, reaction);
    const by = writerOf(network, id);
    if (!by) throw new ControlError(404, `id: nobody here wrote or got the message ${id}`, "id");
    return c.json({ id: await contact.react(chatOf(network, to), { id, by }, emoji) }, 201);
  });
  routes.post("/:phone/edits", async (c) => {
    const contact = find(c);
    const { to, id, text, by: writer } = await readBody(c, edit);
    const author = writer === undefined ? undefined : personOf(network, writer);
    return c.json({ id: await contact.edit(chatOf(network, to), id, text, author) }, 201);
  });
  routes.post("/:phone/revokes", async (c) => {
    const contact = find(c);
    const { to, id, by: writer } = await readBody(c, revoke);
    const author = writer === undefined ? undefined : personOf(network, writer);
    return c.json({ id: await contact.revoke(chatOf(network, to), id, author) }, 201);
  });
  routes.post("/:phone/votes", async (c) => {
    const contact = find(c);
    const { to, id, options } = await readBody(c, vote);
    const got = contact.sent(id) !== undefined || contact.inbox.some((received) => received.id === id);
    if (!got) throw new ControlError(404, `id: ${contact.number} got no poll ${id}`, "id");
    return c.json({ id: await contact.vote(chatOf(network, to), id, options) }, 201);
  });
  routes.post("/:phone/status", async (c) => {
    const contact = find(c);
    const { to, ...message } = await readBody(c, status);
    const content = contentOf(network, message);
    const id = await contact.postStatus(phoneOf(network, to), content, wireOptionsOf(message, content));
    return c.json({ id }, 201);
  });
  routes.put("/:phone/disappearing", async (c) => {
    const contact = find(c);
    const { to, seconds } = await readBody(c, disappearing);
    return c.json({ id: await contact.setDisappearing(phoneOf(network, to), seconds) });
  });
  routes.post("/:phone/calls", async (c) => {
    const contact = find(c);
    const { to, callId = network.nextId("CALL"), step, video, group, reason } = await readBody(c, call);
    contact.call(phoneOf(network, to), callId, step, { video, groupJid: group, reason });
    return c.json({ callId, step }, 201);
  });
  routes.get("/:phone/calls", (c) => c.json(find(c).callAnswers.map(showCallAnswer)));
  routes.post("/:phone/presence", async (c) => {
    const contact = find(c);
    const { to, state, lastSeen, group } = await readBody(c, presence);
    const phone = phoneOf(network, to);
    if (state === "online" || state === "offline") contact.setOnline(phone, state === "online", lastSeen);
    else contact.setTyping(phone, state, group === undefined ? undefined : groupOf(network, group));
    return c.body(null, 204);
  });
  routes.post("/:phone/devices", async (c) => {
    const contact = find(c);
    contact.devices.link(await readBody(c, linked), network.phones);
    return c.json(showContact(contact), 201);
  });
  routes.delete("/:phone/devices/:id", (c) => {
    const contact = find(c);
    contact.devices.unlink(Number(c.req.param("id")), network.phones);
    return c.json(showContact(contact));
  });
  routes.post("/:phone/number", async (c) => {
    const contact = find(c);
    const wanted = await readBody(c, renumbering);
    const taken = network.find(wanted.phone);
    if (taken !== undefined) {
      throw new ControlError(409, `phone: ${wanted.phone} belongs to ${taken.name}`, "phone");
    }
    network.changeNumber(contact, wanted.phone, wanted.lid);
    return c.json(showContact(contact));
  });
  routes.post("/:phone/reinstall", (c) => {
    const contact = find(c);
    contact.reinstall(network.phones);
    return c.json(showContact(contact));
  });
  return routes;
}
