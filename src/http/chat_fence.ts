import type { AddressBook } from "../devices/address_book.ts";
import type { Chat, Jid } from "../events/person.ts";
import { recipientOf } from "../messages/recipient.ts";
import type { NewContent, SendRequest } from "../messages/request.ts";
import { unknownMessage } from "../messages/actions.ts";
import { sentMessage } from "../messages/sent_message.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages } from "../store/messages.ts";
import type { KeyAccess } from "../tenants/keyring.ts";
import { HttpError } from "./errors.ts";

/** What a key may do in a chat. */
export type Way = "read" | "send";

/** The chats that a key is fenced to; null: it is not. */
export function chatsOf(access: KeyAccess, way: Way): readonly Jid[] | null {
  return way === "read" ? access.readChats : access.sendChats;
}

/** Whether a chat is among those of a fence, by either address of a person. */
export function isAmong(chats: readonly Jid[] | null, { jid, lid }: Pick<Chat, "jid" | "lid">): boolean {
  return chats === null || chats.includes(jid) || (lid !== undefined && chats.includes(lid));
}

/** Whether a key may do it in a chat of a device, by whichever address the chat is named. */
export async function mayIn(
  access: KeyAccess,
  way: Way,
  { device, chat, addresses }: {
    readonly device: Pick<Device, "id">;
    readonly chat: Jid;
    readonly addresses: Pick<AddressBook, "chat">;
  },
): Promise<boolean> {
  const chats = chatsOf(access, way);
  return chats === null || isAmong(chats, await addresses.chat(device.id, chat));
}

/** @throws {HttpError} 403 If the key is fenced to other chats. */
export async function checkChat(
  access: KeyAccess,
  way: Way,
  where: Parameters<typeof mayIn>[2],
): Promise<void> {
  if (!await mayIn(access, way, where)) throw notForChat(way, where.chat);
}

/** Where a message is looked for. */
interface Asked {
  readonly device: Pick<Device, "id">;
  readonly messageId: string;
  readonly messages: Pick<Messages, "get" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "named">;
  readonly addresses: Pick<AddressBook, "chat">;
}

/** The chats with a message of this id, which is its sender's choice; none: nobody knows it. */
async function chatsWith({ device, messageId, messages, inbox }: Asked): Promise<readonly Jid[]> {
  const own = await sentMessage(messages, device.id, messageId);
  const known = await inbox.named(device.id, own?.waMessageId ?? messageId);
  return [...new Set([...known.map(({ chat }) => chat), ...(own === undefined ? [] : [own.to])])];
}

/** Refuses unless the key is for all of these chats. False: there are none. */
async function checkChats(
  access: KeyAccess,
  way: Way,
  chats: readonly Jid[],
  where: Pick<Asked, "device" | "addresses">,
): Promise<boolean> {
  for (const chat of chats) await checkChat(access, way, { ...where, chat });
  return chats.length > 0;
}

/**
 * Refuses a message that is in a chat which the key is not for.
 * @returns False for one that nobody knows.
 * @throws {HttpError} 403 If the key is fenced to other chats.
 */
export async function checkMessage(access: KeyAccess, way: Way, asked: Asked): Promise<boolean> {
  if (chatsOf(access, way) === null) return true;
  return await checkChats(access, way, await chatsWith(asked), asked);
}

/** What is said of a chat that a key is not for. */
export function notForChat(way: Way, chat: string): HttpError {
  const what = way === "read" ? "reads some chats only" : "sends to some chats only";
  const message = `This key ${what}, and "${chat.slice(0, 100)}" is not one of them`;
  return new HttpError(403, "CHAT_NOT_ALLOWED", message);
}

/** What the checks of messages look things up in. */
export interface FenceDeps {
  readonly messages: Pick<Messages, "get" | "byWaMessageId">;
  readonly inbox: Pick<Inbox, "named">;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly countryCode: string;
}

/**
 * Refuses a message that goes to a chat which the key is not for, or that shows what is said in one by quoting it or
 * sending it on.
 * @throws {HttpError} 403 If the key is fenced to other chats.
 * @throws {RefusedError} If `to` is no address.
 */
export async function checkSend(
  access: KeyAccess,
  { device, to, quotedId, content }: Pick<SendRequest, "device" | "to" | "quotedId"> & {
    readonly content?: Pick<NewContent, "kind">;
  },
  deps: FenceDeps,
): Promise<void> {
  if (access.readChats === null && access.sendChats === null) return;
  await checkChat(access, "send", { device, chat: recipientOf(to, "to", deps.countryCode), ...deps });
  const shown = [
    ...(quotedId === undefined ? [] : [quotedId]),
    ...(content?.kind === "forward" && "messageId" in content ? [String(content.messageId)] : []),
  ];
  for (const messageId of shown) await checkMessage(access, "read", { device, messageId, ...deps });
}

/**
 * Refuses to do something to a message in a chat that the key does not send to. What is done goes where the message is:
 * so `to` chooses among the chats that have it, and opens no other one.
 * @returns False when nothing may be done, as nobody knows the message; it may come the next moment, to any chat.
 * @throws {HttpError} 403 If the key is fenced to other chats.
 */
export async function checkAction(
  access: KeyAccess,
  { device, messageId, to }: {
    readonly device: Pick<Device, "id">;
    readonly messageId: string;
    readonly to?: string;
  },
  deps: FenceDeps,
): Promise<boolean> {
  if (access.sendChats === null) return true;
  const asked = { device, messageId, ...deps };
  if (to === undefined) return await checkMessage(access, "send", asked);
  const place = recipientOf(to, "to", deps.countryCode);
  await checkChat(access, "send", { device, chat: place, ...deps });
  const { jid, lid } = await deps.addresses.chat(device.id, place);
  const chats = await chatsWith(asked);
  const isThere = chats.some((chat) => chat === jid || chat === lid);
  return isThere || await checkChats(access, "send", chats, asked);
}

/**
 * As `checkAction`, for what is done to several messages.
 * @returns Those that it may be done to: a key for some chats does nothing to what nobody knows.
 */
export async function actedOn(
  access: KeyAccess,
  messageIds: readonly string[],
  where: Omit<Parameters<typeof checkAction>[1], "messageId">,
  deps: FenceDeps,
): Promise<readonly string[]> {
  const known: string[] = [];
  for (const messageId of messageIds) {
    if (await checkAction(access, { ...where, messageId }, deps)) known.push(messageId);
  }
  return known;
}

/**
 * As `checkAction`, for what is done to one message.
 * @throws {RefusedError} If nobody knows it.
 */
export async function checkDeed(...[access, asked, deps]: Parameters<typeof checkAction>): Promise<void> {
  if (!await checkAction(access, asked, deps)) throw unknownMessage(asked.messageId);
}

/**
 * A device's conversations that a key may read, the one with the newest message first. A key for some chats is shown
 * those of them in which something was said.
 */
export async function readableChats(
  device: Pick<Device, "id">,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  { readChats }: KeyAccess,
  { inbox, addresses }: {
    readonly inbox: Pick<Inbox, "chats" | "history">;
    readonly addresses: Pick<AddressBook, "chat">;
  },
): Promise<readonly { readonly chat: Jid; readonly lastAt: number }[]> {
  if (readChats === null) return await inbox.chats(device.id, { limit, offset });
  const jids = new Set(
    await Promise.all(readChats.map(async (jid) => (await addresses.chat(device.id, jid)).jid)),
  );
  const found = await Promise.all([...jids].map(async (chat) => {
    const [newest] = await inbox.history(device.id, chat, { limit: 1 });
    return newest === undefined ? [] : [{ chat, lastAt: newest.sentAt }];
  }));
  return found.flat().toSorted((a, b) => b.lastAt - a.lastAt).slice(offset, offset + limit);
}
