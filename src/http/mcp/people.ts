import type { AddressBook } from "../../devices/address_book.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { DeviceOfflineError } from "../../devices/offline.ts";
import type { MessageSearch } from "../../messages/search.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Device } from "../../store/devices.ts";
import type { Inbox } from "../../store/inbox.ts";
import { WhatsAppRefusal } from "../../whatsapp/actions.ts";
import { isGroup, kindOf, phoneOf } from "../../whatsapp/jid.ts";
import type { ReadInbox } from "../../whatsapp/read_inbox.ts";
import { strangersName } from "./untrusted.ts";

/** So many messages of a chat are looked through for the name of the other person. */
const LOOKED_THROUGH = 20;
/** So many chats, the newest, are looked through for a number or a group. */
export const MOST_CHATS = 200;
const MOST_FOUND = 5;

/** A conversation as assistants know it: by one address, whichever was given. */
export interface Known {
  readonly chat: string;
  readonly kind: string;
  /** What a person calls themselves, or a group's subject: strangers' words. */
  readonly name: string | null;
  /** Digits; null for groups and people whose number is hidden. */
  readonly number: string | null;
}

/** `lastMessageAt` is null for somebody without a conversation of their own. */
export interface Found extends Known {
  readonly lastMessageAt: string | null;
}

export interface PeopleDeps {
  readonly inbox: Pick<Inbox, "chats" | "history">;
  readonly search: Pick<MessageSearch, "people">;
  readonly readInbox: ReadInbox;
  readonly addresses: Pick<AddressBook, "chat">;
  readonly sessionFor: SessionFor;
  readonly countryCode: string;
}

/** Knows the people and groups of a device by the messages that they sent. */
export interface People {
  /** A conversation by any of its addresses. @throws {RefusedError} If it is no address. */
  known(device: Device, address: string): Promise<Known>;
  /** Of the chats that may be shown, those whose name or number holds the text; the one that wrote last first. */
  search(device: Device, text: string, isShown?: (chat: string) => Promise<boolean>): Promise<
    { readonly found: readonly Found[]; readonly more: boolean }
  >;
}

export function createPeople(deps: PeopleDeps): People {
  const { inbox, readInbox, search, addresses, sessionFor, countryCode } = deps;

  async function nameOf(device: Device, chat: string): Promise<string | null> {
    if (isGroup(chat)) return await subjectOf(device, chat);
    const rows = await inbox.history(device.id, chat, { limit: LOOKED_THROUGH });
    for (const row of rows.filter(({ fromMe }) => !fromMe)) {
      const [told] = await readInbox([row], device);
      if (told?.data.from.pushName !== undefined) return strangersName(told.data.from.pushName);
    }
    return null;
  }

  /** Null while the device is not connected, or is not in the group. */
  async function subjectOf(device: Device, chat: string): Promise<string | null> {
    try {
      return strangersName((await sessionFor(device).group(chat)).subject);
    } catch (error) {
      if (error instanceof WhatsAppRefusal || error instanceof DeviceOfflineError) return null;
      throw error;
    }
  }

  function addressed(chat: string, name: string | null): Known {
    return { chat, kind: kindOf(chat), name, number: phoneOf(chat) };
  }

  return {
    async known(device, address) {
      const { jid } = await addresses.chat(device.id, recipientOf(address, "chat", countryCode));
      return addressed(jid, await nameOf(device, jid));
    },
    async search(device, text, isShown = () => Promise.resolve(true)) {
      const byChat = new Map<string, Found>();
      const { people } = await search.people(device, text, MOST_FOUND + 1);
      for (const { person, name } of people) {
        const { jid } = await addresses.chat(device.id, person);
        if (!await isShown(jid)) continue;
        const [newest] = await inbox.history(device.id, jid, { limit: 1 });
        // somebody who only wrote in groups can be written to, too
        const lastMessageAt = newest === undefined ? null : new Date(newest.sentAt).toISOString();
        byChat.set(jid, { ...addressed(jid, strangersName(name)), lastMessageAt });
      }
      const folded = text.trim().toLowerCase();
      const digits = /^[\d\s+().-]+$/.test(text) ? text.replace(/\D/g, "").replace(/^0/, "") : "";
      for (const { chat, lastAt } of await inbox.chats(device.id, { limit: MOST_CHATS, offset: 0 })) {
        if (byChat.size > MOST_FOUND) break;
        if (byChat.has(chat) || !await isShown(chat)) continue;
        const subject = isGroup(chat) ? await subjectOf(device, chat) : null;
        const isMeant = isGroup(chat)
          ? subject?.toLowerCase().includes(folded) === true
          : digits !== "" && phoneOf(chat)?.includes(digits) === true;
        if (!isMeant) continue;
        const name = subject ?? await nameOf(device, chat);
        byChat.set(chat, { ...addressed(chat, name), lastMessageAt: new Date(lastAt).toISOString() });
      }
      const found = [...byChat.values()].toSorted((a, b) =>
        (b.lastMessageAt ?? "").localeCompare(a.lastMessageAt ?? "")
      );
      return { found: found.slice(0, MOST_FOUND), more: found.length > MOST_FOUND };
    },
  };
}
