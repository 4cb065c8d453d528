import {
  encodeSignedDeviceIdentity,
  encodeWAMessage,
  extractE2ESessionFromRetryReceipt,
  type proto,
  type WASocket,
} from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { DeviceId } from "../../ids.ts";
import type { Logger } from "../../log.ts";
import type { Inbox } from "../../store/inbox.ts";
import type { Directory } from "./directory.ts";
import { fromInboxMessage } from "./inbox_message.ts";
import { isGroup, plainJid } from "../jid.ts";
import { Lru } from "../../async/lru.ts";
import type { Me } from "./normalise/people.ts";
import { resentStanza, type Retry, retryIn } from "./resent_stanza.ts";
import type { BinaryNode } from "./stanza.ts";

export interface RetriesDeps {
  readonly deviceId: DeviceId;
  readonly socket: Pick<
    WASocket,
    | "authState"
    | "signalRepository"
    | "assertSessions"
    | "sendNode"
    | "sendMessageAck"
    | "messageRetryManager"
  >;
  readonly inbox: Pick<Inbox, "get">;
  readonly directory: Directory;
  readonly me: () => Me;
  readonly log: Logger;
}

/** A phone asks so often for one message before it gives up. */
const MOST_ANSWERS = 5;
/** Counts of answers that are kept. */
const REMEMBERED = 2_000;

/**
 * Sends what somebody could not open once more, to the device that asks and in a new Signal session, as often as a
 * phone asks. Baileys would give up after the second time, send what a phone asks for to everybody in the chat, send
 * it to whoever knows its id, and forget that it was an edit.
 * @returns Whether the receipt asks for something again; if so, it is seen to and acknowledged.
 * @see Baileys lib/Socket/messages-recv.js `sendMessagesAgain`
 */
export function createRetries({ deviceId, socket, inbox, directory, me, log }: RetriesDeps) {
  const answered = new Lru<string, number>(REMEMBERED);
  let last: Promise<unknown> = Promise.resolve();
  // the inbox has every message: Baileys need not keep the latest for this
  if (socket.messageRetryManager !== null) socket.messageRetryManager.addRecentMessage = () => {};

  async function answer(receipt: BinaryNode, retry: Retry): Promise<void> {
    const messages = await wanted(retry);
    if (messages.length === 0) return;
    await renewSession(receipt, retry);
    for (const { id, message } of messages) await resend(retry, id, message);
  }

  /** The messages that were sent to this chat, and that nobody has had to ask for too often. */
  async function wanted(retry: Retry) {
    const { messageIds, chat, asker, count } = retry;
    const altOf = await directory([chat]);
    const chats = new Set([plainJid(chat), altOf(chat)]);
    const found: { readonly id: string; readonly message: proto.IMessage }[] = [];
    for (const id of messageIds) {
      const row = await inbox.get(deviceId, id);
      const { key, message } = row?.fromMe ? fromInboxMessage(row) : {};
      const times = answered.get(`${id} ${asker}`) ?? 0;
      const isKnown = message && row && (chats.has(row.chat) || chats.has(plainJid(key?.remoteJid ?? "")));
      log.info("message.asked_again", { deviceId, waMessageId: id, count, known: Boolean(isKnown), times });
      if (!isKnown || times >= MOST_ANSWERS) continue;
      answered.set(`${id} ${asker}`, times + 1);
      found.push({ id, message });
    }
    return found;
  }

  /** Begins a new session with who asks, by the keys that came with the receipt, or else by those WhatsApp has. */
  async function renewSession(receipt: BinaryNode, { asker }: Retry): Promise<void> {
    const session = extractE2ESessionFromRetryReceipt(receipt);
    if (session !== null) return await socket.signalRepository.injectE2ESession({ jid: asker, session });
    await socket.assertSessions([asker], true);
  }

  async function resend(retry: Retry, id: string, message: proto.IMessage): Promise<void> {
    const { signalRepository, authState: { creds } } = socket;
    if (creds.account === undefined) return;
    const content = { ...message, ...await introduction(retry.chat) };
    const data = encodeWAMessage(
      retry.own ? { deviceSentMessage: { destinationJid: retry.chat, message: content } } : content,
    );
    const enc = await signalRepository.encryptMessage({ jid: retry.asker, data });
    const identity = encodeSignedDeviceIdentity(creds.account, true);
    await socket.sendNode(resentStanza({ retry, id, message, enc, identity }));
  }

  /** Our sender key of a group: whoever cannot open a message there may have lost it. */
  async function introduction(chat: string): Promise<proto.IMessage> {
    const { signalRepository } = socket;
    if (!isGroup(chat)) return {};
    const { id, lid } = socket.authState.creds.me ?? {};
    for (const meId of [lid, id]) {
      if (!meId || !await signalRepository.hasSenderKey({ group: chat, meId })) continue;
      const axolotlSenderKeyDistributionMessage = await signalRepository.getSenderKeyDistributionMessage({
        group: chat,
        meId,
      });
      return { senderKeyDistributionMessage: { groupId: chat, axolotlSenderKeyDistributionMessage } };
    }
    return {};
  }

  return async (receipt: BinaryNode): Promise<boolean> => {
    if (receipt.attrs.type !== "retry") return false;
    const retry = retryIn(receipt, me());
    const answering = last.then(() => retry && answer(receipt, retry)).catch((error) =>
      log.warn("message.not_sent_again", { deviceId, waMessageId: receipt.attrs.id, error: messageOf(error) })
    );
    last = answering; // one after the other: two at once would each begin a session
    await answering;
    await socket.sendMessageAck(receipt); // without a connection this fails, and WhatsApp delivers the receipt again
    return true;
  };
}
