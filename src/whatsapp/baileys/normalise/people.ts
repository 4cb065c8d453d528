import { plainName } from "../../../events/plain_text.ts";
import type { Chat, Jid, Person } from "../../../events/person.ts";
import { isGroup, isLid, isPn, kindOf, plainJid } from "../../jid.ts";

/** The other address of a person, as far as it is known: phone number for a LID, LID for a phone number. */
export type AltOf = (jid: Jid) => Jid | undefined;

/** Who the device itself is. */
export interface Me {
  readonly pn: Jid;
  readonly lid: Jid | null;
}

/**
 * A person by one of their addresses.
 * @param alt Their other address, when a stanza tells it.
 */
export function personOf(jid: string, altOf: AltOf, alt?: string | null, pushName?: string | null): Person {
  const plain = plainJid(jid);
  const other = alt && isPn(alt) !== isPn(plain) ? plainJid(alt) : altOf(plain);
  const shown = plainName(pushName ?? "");
  const name = shown === "" ? {} : { pushName: shown };
  if (isLid(plain)) return { pn: other ?? null, lid: plain, ...name };
  return { pn: plain, lid: other ?? null, ...name };
}

export function meAsPerson({ pn, lid }: Me, pushName?: string | null): Person {
  return { pn, lid, ...(pushName ? { pushName } : {}) };
}

export function isMe(jid: string | null | undefined, me: Me): boolean {
  if (!jid) return false;
  const plain = plainJid(jid);
  return plain === me.pn || plain === me.lid;
}

/** The conversation of an address: by phone number whenever it is known. */
export function chatOf(jid: string, altOf: AltOf, alt?: string | null): Chat {
  const kind = kindOf(jid);
  if (kind !== "person" || isGroup(jid)) return { kind, jid: plainJid(jid) };
  const { pn, lid } = personOf(jid, altOf, alt);
  return { kind, jid: pn ?? lid ?? plainJid(jid), ...(lid === null ? {} : { lid }) };
}

/** What is known of who is who. */
export interface Known {
  readonly me: Me;
  readonly altOf: AltOf;
}

/** Somebody whom a message names, who may be ourselves. */
export function personIn(jid: string, { me, altOf }: Known): Person {
  return isMe(jid, me) ? meAsPerson(me) : personOf(jid, altOf);
}

/** The address by which whom a message names is known: by phone number where possible. */
export function addressFor(jid: string, known: Known): Jid {
  const { pn, lid } = personIn(jid, known);
  return pn ?? lid ?? plainJid(jid);
}
