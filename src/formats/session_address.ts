import type { TargetAuthor } from "../events/content.ts";
import { addressOf, type Chat, type Jid, type Person } from "../events/person.ts";

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

/** Whether the author is part of a message's id: where many people write. */
export function hasAuthor({ kind }: Chat): boolean {
  return kind === "group" || kind === "broadcast";
}

/**
 * What identifies a message that another one changes or answers: the very id under which it was told, with its author's
 * address. Without `fromMe` and `_serialized` where it is not known whose message it is.
 */
export function webTarget(
  { chat, me }: { readonly chat: Chat; readonly me?: Jid },
  id: string,
  { author, targetFromMe }: TargetAuthor,
): Readonly<Record<string, unknown>> {
  const remote = webAddress(chat.jid);
  const fromMe = targetFromMe ?? (author && isMe(author, chat, me));
  if (fromMe === undefined) return { remote, id };
  const own = me === undefined ? undefined : webAddress(me);
  const who = author === undefined ? fromMe ? own : undefined : webPerson(author);
  return webId(fromMe, remote, id, hasAuthor(chat) ? who : undefined);
}

/** Undefined where our address is not known and the chat does not tell. */
function isMe(author: Person, chat: Chat, me: Jid | undefined): boolean | undefined {
  const address = addressOf(author);
  if (me !== undefined) return author.pn === me || author.lid === me;
  return chat.kind === "person" ? address !== chat.jid && author.lid !== chat.lid : undefined;
}
