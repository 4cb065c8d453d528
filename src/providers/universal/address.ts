import type { Chat, Jid, Person } from "../../events/person.ts";
import { present } from "../../events/present.ts";
import {
  GROUP_SERVER,
  isLid,
  isPn,
  kindOf,
  LID_SERVER,
  plainJid,
  PN_SERVER,
  serverOf,
} from "../../whatsapp/jid.ts";
import { id, isRecord } from "../loose.ts";

const SERVERS: ReadonlySet<string> = new Set([
  PN_SERVER,
  LID_SERVER,
  GROUP_SERVER,
  "broadcast",
  "newsletter",
]);

/**
 * A jid from a text, or from the object that whatsapp-web.js serialises one to. `…@c.us` becomes `…@s.whatsapp.net`.
 */
export function jidOf(value: unknown): Jid | undefined {
  const given = id(isRecord(value) ? value._serialized : value);
  if (given === undefined) return undefined;
  if (/^\d{5,20}$/.test(given)) return `${given}@${PN_SERVER}`;
  if (!/^[\w.:-]+@[a-z.]+$/.test(given)) return undefined;
  const jid = plainJid(given);
  return SERVERS.has(serverOf(jid)) ? jid : undefined;
}

/** A jid of one person, from the same. */
export function personalJidOf(value: unknown): Jid | undefined {
  const jid = jidOf(value);
  return jid !== undefined && isPersonal(jid) ? jid : undefined;
}

/** A person from what serialises to their jid; undefined for a group or nonsense. */
export function personIn(value: unknown): Person | undefined {
  const jid = personalJidOf(value);
  return jid === undefined ? undefined : personOf(jid);
}

/** Everybody in a list of jids. */
export function peopleIn(value: unknown): readonly Person[] {
  return (Array.isArray(value) ? value : []).map(personIn).filter((person) => person !== undefined);
}

/** Whether it is the address of one person. */
export function isPersonal(jid: Jid): boolean {
  return isPn(jid) || isLid(jid);
}

/** @param lid The hidden identity, when it is known beside a phone number. */
export function personOf(jid: Jid, known: { readonly pushName?: string; readonly lid?: Jid } = {}): Person {
  const { pushName, lid = null } = known;
  return isLid(jid)
    ? { pn: null, lid: jid, ...present({ pushName }) }
    : { pn: jid, lid: lid !== null && isLid(lid) ? lid : null, ...present({ pushName }) };
}

export function chatOf(jid: Jid): Chat {
  return { kind: kindOf(jid), jid, ...(isLid(jid) && { lid: jid }) };
}
