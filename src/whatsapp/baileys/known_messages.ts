import type { WAMessage } from "@whiskeysockets/baileys";
import type { Jid } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Inbox } from "../../store/inbox.ts";
import { plainJid } from "../jid.ts";
import type { Directory } from "./directory.ts";
import { fromInboxMessage } from "./inbox_message.ts";

export interface KnownMessages {
  /** The message of this id in a chat, by whichever address of a person the chat is named. */
  inChat(messageId: string, chat: Jid): Promise<WAMessage | undefined>;
  /** The oldest message of this id: whoever copies an id comes later. */
  oldest(messageId: string): Promise<WAMessage | undefined>;
}

/** Finds messages by their ids, which are unique per chat only, and their senders' choice. */
export function createKnownMessages(
  { deviceId, inbox, directory }: {
    readonly deviceId: DeviceId;
    readonly inbox: Pick<Inbox, "get" | "named">;
    readonly directory: Directory;
  },
): KnownMessages {
  return {
    async inChat(messageId, chat) {
      const rows = await inbox.named(deviceId, messageId);
      if (rows.length === 0) return undefined;
      const plain = plainJid(chat);
      const other = (await directory([plain]))(plain);
      const row = rows.find((one) => one.chat === plain || one.chat === other);
      return row && fromInboxMessage(row);
    },
    async oldest(messageId) {
      const row = await inbox.get(deviceId, messageId);
      return row && fromInboxMessage(row);
    },
  };
}
