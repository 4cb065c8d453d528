import { InvalidError, quoted } from "../errors.ts";
import type { Chat, Jid } from "../events/person.ts";
import { type ReadPhone, readPhone } from "./phone_number.ts";

export const PN_SERVER = "s.whatsapp.net";
export const LID_SERVER = "lid";
const BOT_SERVER = "bot";
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

/** Meta AI and other bots of WhatsApp, which have neither number nor LID. */
export function isBot(jid: string): boolean {
  return serverOf(jid) === BOT_SERVER;
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

const TAKES_PHONE = 'a phone number ("628123456789", "+62 812-3456-789", "0812…")';
const TAKES = `${TAKES_PHONE} or a jid ("628123456789@s.whatsapp.net", "…@lid", "…@g.us")`;
/** The user part of a group's jid; old groups name their founder. */
const GROUP_USER = /^\d{5,25}(-\d{5,15})?$/;

/** An address as it was understood. */
export interface ReadRecipient {
  readonly jid: Jid;
  /** What was given, when the jid is a guess: the spelling left another meaning open. */
  readonly normalizedFrom?: string;
}

interface ReadOptions {
  /** The country of national numbers: digits, such as "62". */
  readonly countryCode?: string;
  /** The field that the address was given in, for the error. */
  readonly field?: string;
}

/**
 * The jid that a person means who writes an address: a phone number in any usual spelling, or a jid. Numbers in jids
 * are WhatsApp's own and taken as they are, but for a leading 0.
 * @throws {InvalidError} If it is neither, or can be several numbers; the message says what is taken.
 */
export function readRecipient(
  text: string,
  { countryCode = "62", field = "to" }: ReadOptions = {},
): ReadRecipient {
  const given = text.replace(/\p{Cf}/gu, "").trim();
  const fail = (read?: UnreadPhone) => refused(text, field, TAKES, "recipient", read);
  if (!given.includes("@")) {
    const read = readPhone(given, countryCode);
    if (!read.ok) throw fail(read);
    const jid = `${read.digits}@${PN_SERVER}`;
    return read.guessed ? { jid, normalizedFrom: text } : { jid };
  }
  const jid = plainJid(given.toLowerCase());
  const user = userOf(jid);
  switch (serverOf(jid)) {
    case PN_SERVER: {
      const phone = phoneInJid(user, countryCode);
      if (phone === undefined) throw fail();
      return { jid: `${phone}@${PN_SERVER}` };
    }
    case LID_SERVER:
      if (!/^\d{5,20}$/.test(user)) throw fail();
      return { jid };
    case GROUP_SERVER:
      if (!GROUP_USER.test(user)) throw fail();
      return { jid };
    default:
      throw fail();
  }
}

/** As `readRecipient`, for those who do not tell of guesses. */
export function parseRecipient(text: string, options: ReadOptions = {}): Jid {
  return readRecipient(text, options).jid;
}

/**
 * As `readRecipient`, for where only a phone number makes sense, such as pairing.
 * @returns `phone`: digits with the country code.
 * @throws {InvalidError}
 */
export function readPhoneNumber(
  text: string,
  { countryCode = "62", field = "phone" }: ReadOptions = {},
): { readonly phone: string; readonly normalizedFrom?: string } {
  const inJid = /^(.*)@(?:s\.whatsapp\.net|c\.us)$/i.exec(text.replace(/\p{Cf}/gu, "").trim());
  if (inJid !== null) {
    const phone = phoneInJid(userOf(inJid[1]), countryCode);
    if (phone !== undefined) return { phone };
    throw refused(text, field, TAKES_PHONE, "phone");
  }
  const read = readPhone(text, countryCode);
  if (!read.ok) throw refused(text, field, TAKES_PHONE, "phone", read);
  return read.guessed ? { phone: read.digits, normalizedFrom: text } : { phone: read.digits };
}

/** As `readPhoneNumber`, for those who do not tell of guesses. */
export function parsePhone(text: string, options: ReadOptions = {}): string {
  return readPhoneNumber(text, options).phone;
}

type UnreadPhone = Extract<ReadPhone, { ok: false }>;

function refused(
  text: string,
  field: string,
  takes: string,
  kind: "phone" | "recipient",
  { says, why }: Partial<UnreadPhone> = {},
): InvalidError {
  const reason = says === undefined ? "it takes" : `it ${says}; the field takes`;
  const got = quoted(text);
  const message = `Cannot use ${got} as ${field}: ${reason} ${takes}`;
  return new InvalidError(field, message, why === undefined ? { kind, got } : { ...why, got });
}

/** The number in a jid. Whoever makes jids of national numbers leaves their 0 there. */
function phoneInJid(user: string, countryCode: string): string | undefined {
  if (/^[1-9]\d{6,14}$/.test(user)) return user;
  const read = readPhone(user, countryCode);
  return read.ok ? read.digits : undefined;
}
