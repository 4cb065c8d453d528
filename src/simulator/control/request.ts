// Reading requests to the control API: clear answers when a field is wrong or nobody has that number.
import type { Context } from "@hono/hono";
import { z } from "zod";
import type { Contact } from "../people/contact.ts";
import type { Group } from "../people/group.ts";
import type { Network, Somebody } from "../people/network.ts";
import type { VirtualPhone } from "../people/phone.ts";

/** A request that cannot be carried out; `field` names the part of the body that is wrong. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  constructor(readonly status: 400 | 404 | 409, message: string, readonly field?: string) {
    super(message);
  }
}

/** A phone number in international form; a leading + is dropped. */
export const number = z.string().regex(
  /^\+?\d{5,20}$/,
  "expected a phone number in international form, such as 4917012345678",
)
  .transform((text) => text.replace("+", ""));

/** A phone number of a person, or the jid of a group. */
export const chat = z.union([
  number,
  z.string().endsWith("@g.us", "expected a phone number or the jid of a group"),
]);

/** What a receipt can say. */
export const receiptKind = z.enum([
  "delivered",
  "read",
  "played",
  "inactive",
  "sender",
  "read-self",
  "played-self",
  "server-error",
  "peer_msg",
  "hist_sync",
]);

/** @throws {ControlError} 400, naming the first field that is wrong. */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await context.req.text();
  let body: unknown = {};
  if (text !== "") {
    try {
      body = JSON.parse(text);
    } catch {
      throw new ControlError(400, "The body is not JSON");
    }
  }
  return check(schema, body);
}

/** @throws {ControlError} 400, naming the first parameter that is wrong. */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T {
  return check(schema, context.req.query());
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
  const field = [...issue.path, ...unknown.slice(0, 1)].join(".");
  throw new ControlError(
    400,
    field ? `${field}: ${issue.message}` : issue.message,
    field ? field : undefined,
  );
}

export function phoneOf(network: Network, address: string): VirtualPhone {
  const phone = network.findPhone(address);
  if (!phone) throw new ControlError(404, `No phone has the number ${address}: POST /phones makes one`);
  return phone;
}

export function contactOf(network: Network, address: string): Contact {
  const contact = network.findContact(address);
  if (!contact) throw new ControlError(404, `No contact has the number ${address}: POST /contacts makes one`);
  return contact;
}

export function personOf(network: Network, address: string): Somebody {
  const person = network.find(address);
  if (!person) {
    throw new ControlError(404, `Nobody has the number ${address}: POST /phones or /contacts makes somebody`);
  }
  return person;
}

export function groupOf(network: Network, jid: string): Group {
  const group = network.groups.get(jid);
  if (!group) throw new ControlError(404, `No group has the jid ${jid}: POST /groups makes one`);
  return group;
}

/** Where a contact can write: a phone, or a group. */
export function chatOf(network: Network, address: string): VirtualPhone | Group {
  return address.endsWith("@g.us") ? groupOf(network, address) : phoneOf(network, address);
}
