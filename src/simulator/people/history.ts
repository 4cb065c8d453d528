// What a phone tells its linked devices of the past: pages of chats, names of people, and the key for chat settings.
import { deflateSync } from "node:zlib";
import { proto } from "@whiskeysockets/baileys";
import { sealMedia } from "../wire/media.ts";
import type { MediaHost } from "../wire/media_host.ts";
import { unixSeconds } from "../wire/nodes.ts";
import type { Standing } from "./archive.ts";
import type { Addresses, GroupChat, HistoryChat, HistoryMessage, Party } from "./chat.ts";

const { Type } = proto.Message.ProtocolMessage;
const { HistorySyncType } = proto.HistorySync;
const { COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY } = proto.Conversation.EndOfHistoryTransferType;
const NO_MORE = {
  endOfHistoryTransfer: true,
  endOfHistoryTransferType: COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY,
};
const { REVOKE: DELETED } = proto.WebMessageInfo.StubType;
const AN_HOUR_S = 3_600;

/** The kind of a page, by its name in the protocol. */
export type HistoryKind = keyof typeof HistorySyncType;

/** A page of history. */
export interface HistoryPage {
  /** Default INITIAL_BOOTSTRAP, the first page of a fresh device. */
  readonly kind?: HistoryKind;
  readonly chats?: readonly HistoryChat[];
  /** Names that people call themselves, in a page of kind PUSH_NAME. */
  readonly pushNames?: readonly (Addresses & { readonly name: string })[];
  /** Whose number belongs to which lid. */
  readonly mappings?: readonly Addresses[];
  readonly chunkOrder?: number;
  /** Percent; 100 is the last page. */
  readonly progress?: number;
  /** The id of the request that an ON_DEMAND page answers. */
  readonly requestId?: string;
}

/**
 * The message that brings a page: inside it, or as a file on the media host when one is given. Baileys fetches such
 * files from WhatsApp's own media host, whatever host was announced.
 */
export function historyNotification(
  page: HistoryPage,
  messageId: () => string,
  media?: MediaHost,
): proto.IMessage {
  return notificationOf(page, encodePage(page, messageId), media);
}

function notificationOf(page: HistoryPage, encoded: Uint8Array, media?: MediaHost): proto.IMessage {
  const { kind = "INITIAL_BOOTSTRAP", chunkOrder = 1, progress = 100, requestId } = page;
  const packed = deflateSync(encoded);
  const historySyncNotification = {
    syncType: HistorySyncType[kind],
    chunkOrder,
    progress,
    peerDataRequestSessionId: requestId,
    ...(media === undefined ? { initialHistBootstrapInlinePayload: packed } : asFile(packed, media)),
  };
  return { protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification } };
}

/**
 * Whose number belongs to which lid, when an account moves its chats to lids.
 * @see Baileys lib/Utils/process-message.js `LID_MIGRATION_MAPPING_SYNC`
 */
export function lidMigration(people: readonly Party[]): proto.IMessage {
  const pnToLidMappings = people.map(({ number, lid }) => ({ pn: Number(number), assignedLid: Number(lid) }));
  const payload = { pnToLidMappings, chatDbMigrationTimestamp: unixSeconds() };
  const encodedMappingPayload = proto.LIDMigrationMappingSyncPayload.encode(payload).finish();
  const lidMigrationMappingSyncMessage = { encodedMappingPayload };
  return { protocolMessage: { type: Type.LID_MIGRATION_MAPPING_SYNC, lidMigrationMappingSyncMessage } };
}

/** The key with which the devices of a phone encrypt chat settings. */
export function appStateKeyShare(
  { key, keyId }: { readonly key: Uint8Array; readonly keyId: Uint8Array },
  deviceId: number,
): proto.IMessage {
  const keyData = {
    keyData: key,
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0, deviceId] },
    timestamp: unixSeconds(),
  };
  const keys = [{ keyId: { keyId }, keyData }];
  return { protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys } } };
}

/** A past with many chats of people who are nobody else on the network: made quickly, however big. */
export function bigHistory(chats: number, messagesEach: number): HistoryChat[] {
  const now = unixSeconds();
  return Array.from({ length: chats }, (_, index) => {
    const number = `6285${String(index).padStart(8, "0")}`;
    const messages = Array.from({ length: messagesEach }, (_, at) => ({
      text: `Message ${messagesEach - at} of chat ${index + 1}`,
      t: now - AN_HOUR_S - at * 60,
      fromMe: at % 2 === 1,
    }));
    return { with: stranger(number, `Customer ${index + 1}`), messages };
  });
}

/** Somebody whom only the past knows. */
export function stranger(number: string, name: string): Addresses & { readonly name: string } {
  return { name, pnJid: `${number}@s.whatsapp.net`, lidJid: `8${number}@lid` };
}

/** The key, content and time of a message of the past. */
export function pastMessage(chat: HistoryChat, message: HistoryMessage, id: string) {
  const { fromMe = false, by, t = unixSeconds() - AN_HOUR_S } = message;
  const participant = isGroup(chat.with) && by ? chat.with.jidOf(by) : undefined;
  return {
    key: { remoteJid: jidOf(chat), fromMe, id, participant },
    message: message.message ?? { conversation: message.text ?? "" },
    t,
    pushName: by?.name ?? ("name" in chat.with ? chat.with.name : ""),
  };
}

/** The address of a chat in pages of history. */
export function jidOf({ with: party }: HistoryChat): string {
  return isGroup(party) ? party.jid : party.lidJid;
}

/** Older messages of a chat, newest first, as the answer to a request; none says that there are no more. */
export function onDemandNotification(
  jid: string,
  older: readonly Standing[],
  requestId: string,
): proto.IMessage {
  const messages = older.map(({ kept: { key, t, pushName }, message, reactions }) => ({
    message: {
      key: { ...key, remoteJid: jid },
      message,
      messageStubType: message === undefined ? DELETED : undefined,
      messageTimestamp: t,
      pushName,
      participant: key.participant,
      reactions: reactions.map((reaction) => ({ ...reaction, key: { ...reaction.key, remoteJid: jid } })),
    },
  }));
  return notificationOf(
    { kind: "ON_DEMAND", requestId },
    proto.HistorySync.encode({
      syncType: HistorySyncType.ON_DEMAND,
      progress: 100,
      conversations: [{ id: jid, messages, ...(older.length === 0 ? NO_MORE : {}) }],
    }).finish(),
  );
}

function asFile(packed: Uint8Array, media: MediaHost) {
  const { blob, mediaKey, fileSha256, fileEncSha256, fileLength } = sealMedia(packed, "history");
  return { mediaKey, fileSha256, fileEncSha256, fileLength, directPath: media.put(blob).path };
}

function encodePage(page: HistoryPage, messageId: () => string): Uint8Array {
  const { kind = "INITIAL_BOOTSTRAP", progress = 100, chats = [], pushNames = [], mappings = [] } = page;
  return proto.HistorySync.encode({
    syncType: HistorySyncType[kind],
    progress,
    chunkOrder: page.chunkOrder ?? 1,
    conversations: chats.map((chat) => conversationOf(chat, messageId)),
    pushnames: pushNames.map(({ pnJid, lidJid, isNumberHidden, name }) => ({
      id: isNumberHidden ? lidJid : pnJid,
      pushname: name,
    })),
    phoneNumberToLidMappings: mappings.filter(({ isNumberHidden }) => !isNumberHidden)
      .map(({ pnJid, lidJid }) => ({ pnJid, lidJid })),
  }).finish();
}

function conversationOf(chat: HistoryChat, messageId: () => string): proto.IConversation {
  const { with: party, messages, unread, isArchived, disappearAfterS, isComplete } = chat;
  const about = isGroup(party)
    ? { name: party.subject }
    : { name: party.name, pnJid: party.isNumberHidden ? undefined : party.pnJid };
  return {
    id: jidOf(chat),
    ...about,
    unreadCount: unread,
    archived: isArchived,
    ephemeralExpiration: disappearAfterS,
    ...(isComplete ? NO_MORE : {}),
    messages: messages.map((message) => {
      const { key, message: content, t, pushName } = pastMessage(chat, message, message.id ?? messageId());
      const { status, by, reactions = [] } = message;
      const participant = by === undefined ? undefined : key.participant;
      return {
        message: {
          key,
          message: content,
          messageTimestamp: t,
          status,
          pushName,
          participant,
          reactions: [...reactions],
        },
      };
    }),
  };
}

function isGroup(party: HistoryChat["with"]): party is GroupChat & { readonly subject: string } {
  return "kind" in party && party.kind === "group";
}
