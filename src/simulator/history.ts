// What a phone sends a freshly linked device: the key for chat settings, then its chats.
import { deflateSync } from "node:zlib";
import { proto } from "@whiskeysockets/baileys";
import type { LinkedDevice } from "./linked_device.ts";
import type { Network } from "./network.ts";
import { unixSeconds } from "./nodes.ts";
import type { VirtualPhone } from "./phone.ts";

const { Type } = proto.Message.ProtocolMessage;
const SYNC_TYPE = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP;
const AN_HOUR = 3_600;

export async function sendHistory(network: Network, device: LinkedDevice): Promise<void> {
  const { phone } = device;
  await phone.sendPeer(device, appStateKeyShare(device));
  const chats = deflateSync(encodeChats(network, phone));
  // never as a file: Baileys fetches those from WhatsApp's own media host, whatever host was announced
  const historySyncNotification = {
    syncType: SYNC_TYPE,
    chunkOrder: 1,
    progress: 100,
    initialHistBootstrapInlinePayload: chats,
  };
  await phone.sendPeer(device, {
    protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification },
  });
}

function appStateKeyShare(device: LinkedDevice): proto.IMessage {
  const keyData = {
    keyData: device.phone.appState.key,
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0, device.id] },
    timestamp: unixSeconds(),
  };
  return {
    protocolMessage: {
      type: Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [{ keyId: { keyId: device.phone.appState.keyId }, keyData }] },
    },
  };
}

function encodeChats(network: Network, phone: VirtualPhone): Uint8Array {
  const conversations = phone.history.map(({ with: contact, messages }) => ({
    id: contact.lidJid,
    pnJid: contact.pnJid,
    name: contact.name,
    messages: messages.map((message) => ({
      message: {
        key: {
          remoteJid: contact.lidJid,
          fromMe: message.fromMe === true,
          id: message.id ?? network.messageId(),
        },
        message: { conversation: message.text },
        messageTimestamp: message.t ?? unixSeconds() - AN_HOUR,
      },
    })),
  }));
  const phoneNumberToLidMappings = network.contacts.map(({ pnJid, lidJid }) => ({ pnJid, lidJid }));
  const history = { syncType: SYNC_TYPE, progress: 100, conversations, phoneNumberToLidMappings };
  return proto.HistorySync.encode(proto.HistorySync.fromObject(history)).finish();
}
