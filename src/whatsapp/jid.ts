import { InvalidError } from "../errors.ts";
import type { Chat, Jid } from "../events/person.ts";

export const PN_SERVER = "s.whatsapp.net";
export const LID_SERVER = "lid";
export const GROUP_SERVER = "g.us";
export const STATUS_JID = "status@broadcast";

/** What other servers of the same addresses are called here: web.js' name, and hosted business accounts. */
const SAME_SERVER: Readonly<Record<string, string>> = {
  "c.us": PN_SERVER,
  "hosted": PN_SERVER,
  "hosted.lid": LID_SERVER,
};

export function userOf(jid: string): string {
  return jid.split("@", 1)[0].split(":", 1)[0].split("_", 1)[0];
}

export function serverOf(jid: string): string {
  const server = jid.slice(jid.indexOf("@") + 1);
  return SAME_SERVER[server] ?? server;
}

/** The address of a person or a chat, without the device that a stanza came from: `628:4@s.whatsapp.net` → `628@…`. */
export function plainJid(jid: string): Jid {
  return `${userOf(jid)}@${serverOf(jid)}`;
}

export function isPn(jid: string): boolean {
  return serverOf(jid) === PN_SERVER;
}

export function isLid(jid: string): boolean {
  return serverOf(jid) === LID_SERVER;
}

export function isGroup(jid: string): boolean {
  return serverOf(jid) === GROUP_SERVER;
}

/** Whether a text is the whole jid of a group. */
export function isGroupJid(text: string): boolean {
  const [user, server, ...rest] = text.split("@");
  return rest.length === 0 && server === GROUP_SERVER && GROUP_USER.test(user);
}

export function kindOf(jid: string): Chat["kind"] {
  switch (serverOf(jid)) {
    case GROUP_SERVER:
      return "group";
    case "broadcast":
      return "broadcast";
    case "newsletter":
      return "newsletter";
    default:
      return "person";
  }
}

/** The digits of a phone-number jid; null for every other address. */
export function phoneOf(jid: string | null | undefined): string | null {
  return jid && isPn(jid) ? userOf(jid) : null;
}

const TAKES = 'a phone number ("628123456789", "+62 812-3456-789", "0812…") or a jid ' +
  '("628123456789@s.whatsapp.net", "…@lid", "…@g.us")';
/** The user part of a group's jid; old groups name their founder. */
const GROUP_USER = /^\d{5,25}(-\d{5,15})?$/;

/**
 * The jid that a person means who writes an address: a phone number in any usual spelling, or a jid.
 * @param options.countryCode What a leading 0 stands for: digits, such as "62".
 * @param options.field The field that the address was given in, for the error.
 * @throws {InvalidError} If it is neither; the message says what is taken.
 */
export function parseRecipient(
  text: string,
  options: { readonly countryCode?: string; readonly field?: string } = {},
): Jid {
  const { countryCode = "62", field = "to" } = options;
  const given = text.trim();
  const fail = () => new InvalidError(field, `Cannot use "${shorten(given)}" as ${field}: it takes ${TAKES}`);
  if (!given.includes("@")) {
    const phone = phoneDigits(given, countryCode);
    if (phone === undefined) throw fail();
    return `${phone}@${PN_SERVER}`;
  }
  const jid = plainJid(given.toLowerCase());
  const user = userOf(jid);
  switch (serverOf(jid)) {
    case PN_SERVER: {
      const phone = phoneDigits(user, countryCode);
      if (phone === undefined) throw fail();
      return `${phone}@${PN_SERVER}`;
    }
    case LID_SERVER:
      if (!/^\d{5,20}$/.test(user)) throw fail();
      return jid;
    case GROUP_SERVER:
      if (!GROUP_USER.test(user)) throw fail();
      return jid;
    default:
      throw fail();
  }
}

/**
 * As `parseRecipient`, for where only a phone number makes sense, such as pairing.
 * @returns Digits with the country code.
 * @throws {InvalidError}
 */
export function parsePhone(
  text: string,
  options: { readonly countryCode?: string; readonly field?: string } = {},
): string {
  const { countryCode = "62", field = "phone" } = options;
  const phone = phoneDigits(text.trim().replace(/@(s\.whatsapp\.net|c\.us)$/i, ""), countryCode);
  if (phone !== undefined) return phone;
  throw new InvalidError(
    field,
    `Cannot use "${
      shorten(text)
    }" as ${field}: it takes a phone number ("628123456789", "+62 812-3456-789", "0812…")`,
  );
}

/** E.164 allows 15 digits; shorter than 7 is no international number. */
function phoneDigits(text: string, countryCode: string): string | undefined {
  if (!/^\(?\+?[\d\s().\-\/]+$/.test(text)) return undefined;
  const international = /^\(?(\+|00)/.test(text);
  const digits = text.replace(/\D/g, "");
  const bare = international ? digits.replace(/^00/, "") : digits.replace(/^0/, countryCode);
  return /^[1-9]\d{6,14}$/.test(bare) ? bare : undefined;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
