import { addressOf, type Jid, type Person } from "../events/person.ts";

const PEOPLE = "@s.whatsapp.net";

/**
 * An address as WhatsApp Web writes it: `…@c.us` for a person's phone number; groups, LIDs and the status list alike.
 * @see whatsapp-web.js, `ContactId._serialized`
 */
export function webAddress(jid: Jid): string {
  return jid.endsWith(PEOPLE) ? `${jid.slice(0, -PEOPLE.length)}@c.us` : jid;
}

export function webPerson(person: Person): string {
  return webAddress(addressOf(person));
}

/**
 * What identifies a message, or a note of what happened in a group.
 * @param author Who, in a group.
 * @see whatsapp-web.js, `MessageId`
 */
export function webId(
  fromMe: boolean,
  remote: string,
  id: string,
  author?: string,
): Readonly<Record<string, unknown>> {
  const _serialized = `${fromMe}_${remote}_${id}${author === undefined ? "" : `_${author}`}`;
  return { fromMe, remote, id, participant: author, _serialized };
}
