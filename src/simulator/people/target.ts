// Pointing at another message: to react to it, change it, vote on it, quote it.
import type { proto } from "@whiskeysockets/baileys";
import type { Chat, ContactParty, Person, SendOptions, Target } from "./chat.ts";

/** How a person is addressed in this chat of a contact. */
export function jidIn(chat: Chat, of: ContactParty, person: Person): string {
  const { addressing } = chat.kind === "group" ? chat : of;
  return addressing === "lid" ? person.lidJid : person.pnJid;
}

/** The key of a message as `pointer`, who points at it, sees it: `fromMe` means that they wrote it. */
export function keyOf(pointer: ContactParty, chat: Chat, { id, by = pointer }: Target): proto.IMessageKey {
  const fromMe = by === pointer;
  if (!(chat.kind === "group")) return { remoteJid: chat.pnJid, fromMe, id };
  return { remoteJid: chat.jid, fromMe, id, participant: fromMe ? undefined : chat.jidOf(by) };
}

/** What a message says about its surroundings: what it quotes, whom it mentions. Empty when nothing. */
export function contextOf(
  writer: ContactParty,
  chat: Chat,
  { quoted, mentions = [] }: SendOptions,
): proto.IContextInfo {
  const mentionedJid = mentions.map((person) => jidIn(chat, writer, person));
  const expiration = chat.kind === "group" ? chat.disappearAfterS : writer.disappearAfterS(chat);
  const mentioned = {
    ...(mentionedJid.length > 0 ? { mentionedJid } : {}),
    ...(expiration > 0 ? { expiration } : {}),
  };
  if (!quoted) return mentioned;
  const { id, by = writer } = quoted;
  const quotedMessage = by === writer
    ? writer.sent(id)?.message
    : writer.inbox.findLast((received) => received.id === id)?.message;
  return { ...mentioned, stanzaId: id, participant: jidIn(chat, writer, by), quotedMessage };
}
