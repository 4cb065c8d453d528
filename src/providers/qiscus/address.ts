import type { Chat, Person } from "../../events/person.ts";
import { present } from "../../events/present.ts";
import { isGroupJid, PN_SERVER } from "../../whatsapp/jid.ts";
import { firstText, id, type Loose, record, records, text } from "../loose.ts";

/** Where the ids live by which WhatsApp names people to one business only. */
const USER_ID_SERVER = "bsuid";

/** Servers whose addresses are digits as well, but no phone numbers. */
const NO_NUMBERS = /@(?:g\.us|lid|broadcast|newsletter)$/i;

/** The digits of a phone number as Qiscus writes it: with or without `+` and a server. */
export function digitsOf(value: unknown): string | undefined {
  const given = id(value);
  if (given === undefined || NO_NUMBERS.test(given)) return undefined;
  const digits = given.replace(/@.*$/, "").replace(/[\s+().-]/g, "");
  return /^[1-9]\d{4,19}$/.test(digits) ? digits : undefined;
}

/** Names that customers gave themselves, by their digits or user ids. */
export type Names = ReadonlyMap<string, string>;

export function namesIn(contacts: unknown): Names {
  const names = new Map<string, string>();
  for (const contact of records(contacts)) {
    const name = firstText(record(contact.profile).name, record(contact.profile).username, contact.name);
    if (name === undefined) continue;
    for (const key of [digitsOf(contact.wa_id), id(contact.user_id)]) {
      if (key !== undefined) names.set(key, name);
    }
  }
  return names;
}

/**
 * Who wrote a message: by the number, else by the id that stands for a customer whose number is hidden behind a
 * username, such as `ID.1349…`. Undefined when the message names nobody.
 * @see WhatsApp Business Platform, "Business-scoped user IDs"
 */
export function senderOf(message: Loose, names: Names): Person | undefined {
  const digits = digitsOf(message.from) ?? digitsOf(message.wa_id);
  const userId = id(message.from_user_id) ?? id(message.user_id);
  const own = firstText(record(message.profile).name, message.sender_name, message.name, message.username);
  if (digits !== undefined) {
    return { pn: `${digits}@${PN_SERVER}`, lid: null, ...present({ pushName: names.get(digits) ?? own }) };
  }
  const address = userId === undefined ? undefined : userJid(userId);
  if (userId === undefined || address === undefined) return undefined;
  return { pn: null, lid: address, ...present({ pushName: names.get(userId) ?? own }) };
}

/** The person of a number, or of a user id. */
export function personIn(value: unknown): Person | undefined {
  const digits = digitsOf(value);
  if (digits !== undefined) return { pn: `${digits}@${PN_SERVER}`, lid: null };
  const given = text(value);
  const jid = given === undefined ? undefined : userJid(given);
  return jid === undefined ? undefined : { pn: null, lid: jid };
}

function userJid(userId: string): string | undefined {
  return /^[A-Za-z]{1,4}\.[\w.-]{3,100}$/.test(userId) ? `${userId}@${USER_ID_SERVER}` : undefined;
}

export function chatWith({ pn, lid }: Person): Chat {
  if (pn !== null) return { kind: "person", jid: pn };
  return { kind: "person", jid: lid ?? "", ...present({ lid: lid ?? undefined }) };
}

/** The address of a group; undefined for anything else, such as the ids that Meta gives to groups of its own. */
export function groupIn(value: unknown): string | undefined {
  const given = text(value);
  return given !== undefined && isGroupJid(given) ? given : undefined;
}

/** Where a message of this person stands. */
export function chatOf({ group_id }: Loose, person: Person): Chat {
  const group = groupIn(group_id);
  return group === undefined ? chatWith(person) : { kind: "group", jid: group };
}
