import type { WAMessage, WASocket } from "@whiskeysockets/baileys";
import type { ResolvedProxy } from "../../net/proxy.ts";
import { messageOf } from "../../errors.ts";
import type { Jid } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import type { Inbox } from "../../store/inbox.ts";
import { type Actions, WhatsAppRefusal } from "../actions.ts";
import { codeOf } from "./errors.ts";
import type { Clock } from "../../async/clock.ts";
import { toGroupInfo } from "./group_info.ts";
import { fromInboxMessage, rowOfMedia } from "./inbox_message.ts";
import { phoneOf, plainJid } from "../jid.ts";
import type { KnownMessages } from "./known_messages.ts";
import { parseMediaId } from "./media_id.ts";
import { downloadMedia } from "./media_download.ts";

export interface ActionsDeps {
  readonly deviceId: DeviceId;
  readonly socket: WASocket;
  readonly inbox: Pick<Inbox, "named" | "history">;
  readonly known: KnownMessages;
  /** These messages were marked as read. */
  readonly onMarked: (messages: readonly WAMessage[]) => Promise<void>;
  readonly connected: () => boolean;
  /** Aborts when the session is over. */
  readonly ended: AbortSignal;
  readonly clock: Clock;
  /** The only hosts that files may come from; null: any. */
  readonly mediaHosts: readonly string[] | null;
  readonly mediaCaPem: string | undefined;
  readonly proxy: ResolvedProxy | undefined;
  /** Who calls, as the call names them; undefined when no such call rings. */
  readonly callerOf: (callId: string) => string | undefined;
}

/** How long WhatsApp may take for what is asked; a phone that has to upload a file again takes longer. */
const ANSWER_MS = 30_000;
const REUPLOAD_MS = 60_000;

/** What WhatsApp means by the codes with which it refuses. */
const MEANINGS: Readonly<Record<number, string>> = {
  401: "this number may not do it",
  403: "this number may not do it: it is no member, or no admin",
  404: "WhatsApp knows nothing of the kind",
  406: "WhatsApp does not accept it",
  429: "WhatsApp asks to do it less often",
  500: "WhatsApp has a fault: try again later",
  503: "WhatsApp has a fault: try again later",
};

/** What a session does for its owner besides sending, on Baileys. */
export function createActions(deps: ActionsDeps): Actions {
  const { deviceId, socket, inbox, known, onMarked, connected, ended, clock, mediaHosts, mediaCaPem, proxy } =
    deps;
  const { callerOf } = deps;

  /** Bounds a question to WhatsApp, and turns what Baileys throws into plain words. */
  async function ask<T>(what: string, work: () => Promise<T>, timeoutMs = ANSWER_MS): Promise<T> {
    if (!connected()) throw new WhatsAppRefusal(`Cannot ${what}: the device is not connected`, null);
    const enough = new AbortController();
    const stop = () => enough.abort();
    ended.addEventListener("abort", stop);
    const late = clock.wait(timeoutMs, enough.signal).then((): never => {
      throw new WhatsAppRefusal(`Cannot ${what}: WhatsApp does not answer`, null);
    });
    late.catch(() => {}); // the answer came first
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      if (error instanceof WhatsAppRefusal) throw error;
      const code = codeOf(error);
      const meaning = code === null ? undefined : MEANINGS[code];
      const why = meaning === undefined ? messageOf(error) : `${meaning} (${messageOf(error)})`;
      throw new WhatsAppRefusal(`Cannot ${what}: ${why}`, code);
    } finally {
      ended.removeEventListener("abort", stop);
      stop();
    }
  }

  /** The newest message of a chat: WhatsApp files archiving under it. */
  async function newest(chat: Jid): Promise<WAMessage | undefined> {
    const [row] = await inbox.history(deviceId, chat, { limit: 1 });
    return row && fromInboxMessage(row);
  }

  return {
    async onWhatsApp(phones) {
      const found = await ask("check phone numbers", () => socket.onWhatsApp(...phones));
      if (found === undefined) {
        throw new WhatsAppRefusal("Cannot check phone numbers: WhatsApp does not answer", null);
      }
      const jids = new Map(
        found.filter(({ exists }) => exists).map(({ jid }) => [phoneOf(jid), plainJid(jid)]),
      );
      const own = new Map(phones.map((phone) => [phone, jids.get(phone) ?? null]));
      // an answer names the account's own number, which may be another one than was asked for
      const isOther = found.some(({ jid, exists }) => exists && !own.has(phoneOf(jid) ?? ""));
      for (const phone of isOther ? phones.filter((one) => own.get(one) === null) : []) {
        const [account] = await ask("check phone numbers", () => socket.onWhatsApp(phone)) ?? [];
        if (account?.exists) own.set(phone, plainJid(account.jid));
      }
      return own;
    },
    async markRead(messageIds, chat) {
      const found = await Promise.all(
        [...new Set(messageIds)].map((id) => chat === undefined ? known.oldest(id) : known.inChat(id, chat)),
      );
      const theirs = found.filter((info) => info !== undefined && !info.key.fromMe) as WAMessage[]; // none is undefined
      if (theirs.length > 0) {
        await ask("mark as read", () => socket.readMessages(theirs.map(({ key }) => key)));
        await onMarked(theirs);
      }
      return theirs.map(({ key }) => key.id ?? "");
    },
    setOnline: (online) =>
      ask("show presence", () => socket.sendPresenceUpdate(online ? "available" : "unavailable")),
    setTyping: (chat, typing) => ask("show typing", () => socket.sendPresenceUpdate(typing, chat)),
    subscribePresence: (jid) => ask("subscribe to presence", () => socket.presenceSubscribe(jid)),
    async download(mediaId, { path, maxBytes }) {
      const { messageId, tag } = parseMediaId(mediaId);
      const row = rowOfMedia(await inbox.named(deviceId, messageId), tag);
      if (row === undefined) {
        throw new WhatsAppRefusal(`Cannot fetch the file of "${messageId}": not known`, 404);
      }
      const info = fromInboxMessage(row);
      return await downloadMedia(info, {
        path,
        maxBytes,
        hosts: mediaHosts,
        caPem: mediaCaPem,
        proxy,
        signal: ended,
        reupload: (gone) => ask("fetch the file again", () => socket.updateMediaMessage(gone), REUPLOAD_MS),
      });
    },
    async rejectCall(callId) {
      const caller = callerOf(callId);
      if (caller === undefined) {
        throw new WhatsAppRefusal(`Cannot reject call "${callId}": no such call rings`, 404);
      }
      const rejection = { tag: "reject", attrs: { "call-id": callId, "call-creator": caller, count: "0" } };
      const attrs = { id: socket.generateMessageTag(), from: socket.user?.id ?? "", to: caller };
      // the server answers with nothing but the ack of the stanza
      await ask("reject the call", () => socket.query({ tag: "call", attrs, content: [rejection] }));
    },
    async groups() {
      const all = await ask("list groups", () => socket.groupFetchAllParticipating());
      return Object.values(all).map(toGroupInfo);
    },
    group: async (jid) => toGroupInfo(await ask("read the group", () => socket.groupMetadata(jid))),
    createGroup: async (subject, participants) =>
      toGroupInfo(await ask("create the group", () => socket.groupCreate(subject, [...participants]))),
    async changeMembers(group, change, members) {
      const changed = await ask(
        `${change} members`,
        () => socket.groupParticipantsUpdate(group, [...members], change),
      );
      return changed.map(({ jid, status }) => ({
        jid: plainJid(jid ?? ""),
        ok: status === "200",
        code: Number(status),
      }));
    },
    setSubject: (group, subject) => ask("rename the group", () => socket.groupUpdateSubject(group, subject)),
    async inviteCode(group) {
      const code = await ask("read the invite code", () => socket.groupInviteCode(group));
      if (code === undefined) {
        throw new WhatsAppRefusal("Cannot read the invite code: WhatsApp gave none", null);
      }
      return code;
    },
    leaveGroup: (group) => ask("leave the group", () => socket.groupLeave(group)),
    async askHistory(chat, messageId, count) {
      const row = (await inbox.named(deviceId, messageId)).find((one) => one.chat === chat);
      if (row === undefined) {
        throw new WhatsAppRefusal(`Cannot ask for what came before "${messageId}": not known`, 404);
      }
      const { key } = fromInboxMessage(row);
      return await ask("ask for older messages", () => socket.fetchMessageHistory(count, key, row.sentAt));
    },
    async archive(chat, archived) {
      const last = await newest(chat);
      const lastMessages = last === undefined
        ? []
        : [{ key: last.key, messageTimestamp: last.messageTimestamp }];
      const jid = last?.key.remoteJid ?? chat;
      await ask("archive the chat", () => socket.chatModify({ archive: archived, lastMessages }, jid));
    },
    async mute(chat, until) {
      const jid = (await newest(chat))?.key.remoteJid ?? chat;
      await ask("mute the chat", () => socket.chatModify({ mute: until }, jid));
    },
    async pictureUrl(jid) {
      try {
        return await ask("read the picture", () => socket.profilePictureUrl(jid, "image")) ?? null;
      } catch (error) {
        // none, or not for us to see
        if (error instanceof WhatsAppRefusal && (error.code === 404 || error.code === 401)) return null;
        throw error;
      }
    },
  };
}
