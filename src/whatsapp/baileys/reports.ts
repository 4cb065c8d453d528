import type { WAMessage, WASocket } from "@whiskeysockets/baileys";
import { messageOf } from "../../errors.ts";
import type { Jid, Person } from "../../events/person.ts";
import type { DeviceId } from "../../ids.ts";
import { createInTurn } from "../../async/keyed_lock.ts";
import { Lru } from "../../async/lru.ts";
import { createBatches } from "../../async/batches.ts";
import type { ChatRead } from "../../store/chat_reads.ts";
import { createChatOrder } from "./chat_order.ts";
import type { ChatSetting } from "./chat_settings.ts";
import type { Directory } from "./directory.ts";
import { holdStanzas, type Passage } from "./hold.ts";
import { isBot, plainJid } from "../jid.ts";
import { keepTrying, type Trying } from "../../async/keep_trying.ts";
import { peopleIn } from "./learning.ts";
import { addressesInCall, draftsOfCall, ringingIn } from "./normalise/calls.ts";
import { addressesInContactChange, draftsOfContactChange } from "./normalise/contacts.ts";
import { addressesInGroupChange, draftsOfGroupChange } from "./normalise/groups.ts";
import { addressesIn, isConversation, saidOf } from "./normalise/message.ts";
import { chatOf, type Me } from "./normalise/people.ts";
import { draftsOfPicture } from "./normalise/pictures.ts";
import { addressesInPresence, draftsOfPresence } from "./normalise/presence.ts";
import {
  addressesInReceipt,
  isReadByOwner,
  placeOfReading,
  readByOwner,
  receiptsOf,
  statusOfReceipt,
} from "./normalise/receipts.ts";
import type { SessionDraft, SessionEvents, SessionReceipt } from "../session.ts";
import type { BinaryNode } from "./stanza.ts";

export interface ReportsDeps {
  readonly deviceId: DeviceId;
  readonly socket: WASocket;
  readonly events: Pick<SessionEvents, "happened" | "receipts" | "chatsRead">;
  /** Resolves when every row so far is in the journal. */
  readonly journaled: () => Promise<void> | undefined;
  readonly directory: Directory;
  readonly learn: (people: readonly Person[]) => Promise<void>;
  readonly me: () => Me;
  /** Files the chats of people anew who have another number. */
  readonly file: (drafts: readonly SessionDraft[]) => Promise<void>;
  readonly trying: Trying;
  /** Sees every message before Baileys does; fails for what is no message at all. */
  readonly see: (stanza: BinaryNode) => Promise<void>;
  /** Resolves when what a crash has left is published. */
  readonly replayed: Promise<void>;
  /** Answers a receipt that asks for a message again; tells whether it was one. */
  readonly resend: (receipt: BinaryNode) => Promise<boolean>;
  /** A group is not what it was. */
  readonly onGroupChange: (group: Jid) => void;
  /** WhatsApp wants the account's owner to prove themselves with a passkey. */
  readonly onPasskey: () => void;
  /** Sees to what comes before a phone has linked the device. */
  readonly registration: (notification: BinaryNode) => Promise<Passage>;
}

const BATCH = 200;
/** Calls that may still ring. */
const RINGING = 100;

/**
 * Reports everything but messages from the stanzas themselves, and lets Baileys acknowledge each only after it is
 * stored. Call it before other listeners are added to the socket.
 */
export function createReports(deps: ReportsDeps) {
  const {
    deviceId,
    socket,
    events,
    journaled,
    directory,
    learn,
    me,
    file,
    trying,
    trying: { log },
    see,
    replayed,
    resend,
    onGroupChange,
    onPasskey,
    registration,
  } = deps;
  const { ws } = socket;
  const receipts = createBatches<SessionReceipt>(
    (batch) => keepTrying("receipts", () => events.receipts(batch), trying),
    { limit: BATCH },
  );
  const happenings = createBatches<SessionDraft>(
    (batch) => keepTrying("events", () => events.happened(batch), trying),
    { limit: BATCH },
  );

  const reads = createBatches<ChatRead>(
    (batch) => keepTrying("reads", () => events.chatsRead(batch), trying),
    { limit: BATCH },
  );

  const ringing = new Lru<string, string>(RINGING);
  /** What comes from one group or person is told in the order in which it came. */
  const inTurn = createInTurn();

  /**
   * Reads a stanza. One that nobody can read, such as one without a sender, is left to Baileys: kept back, it would
   * come again at each login. What fails because the session ends fails here, too.
   */
  async function readable(stanza: BinaryNode, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (trying.signal.aborted) throw error;
      const { id, from, type } = stanza.attrs;
      log.warn("stanza.not_read", { deviceId, tag: stanza.tag, id, from, type, error: messageOf(error) });
    }
  }

  async function report(drafts: readonly SessionDraft[]) {
    if (drafts.length === 0) return;
    await learn(drafts.flatMap(peopleIn));
    await happenings.push(drafts);
    await file(drafts);
  }

  holdStanzas(ws, "CB:message", async (stanza) => {
    if (!isConversation(stanza.attrs.from)) {
      // status posts and newsletters: taken, not looked at; an error would make WhatsApp send them again and again
      await socket.sendMessageAck(stanza);
      return "drop";
    }
    await readable(stanza, () => see(stanza));
    if (!isBot(stanza.attrs.from)) return "pass";
    await socket.sendMessageAck(stanza); // Baileys knows no such sender, and would leave it to come again
    return "drop";
  }, createChatOrder({ ready: replayed, isOpen: () => ws.isOpen }));

  holdStanzas(ws, "CB:receipt", async (stanza) => {
    if (await resend(stanza)) return "drop";
    await readable(stanza, async () => {
      if (isReadByOwner(stanza, me())) return await reportReading(stanza);
      if (statusOfReceipt(stanza, me()) === undefined) return;
      const altOf = await directory(addressesInReceipt(stanza));
      const found = receiptsOf(stanza, { me: me(), altOf }).filter(({ chat }) => isConversation(chat.jid));
      if (found.length > 0) await receipts.push(found);
    });
    return "pass";
  });

  async function reportReading(stanza: BinaryNode): Promise<void> {
    const place = placeOfReading(stanza);
    if (place === undefined || !isConversation(place)) return;
    const read = readByOwner(stanza, await directory([place]));
    await journaled(); // what was read may still be on its way to the disk
    if (read !== undefined) await reads.push([read]);
  }

  holdStanzas(ws, "CB:call", (stanza) =>
    inTurn<Passage>(`call ${stanza.attrs.from}`, async () => {
      await readable(stanza, () => reportCall(stanza));
      return "pass";
    }));

  async function reportCall(stanza: BinaryNode): Promise<void> {
    const call = ringingIn(stanza);
    if (call?.rings) ringing.set(call.callId, call.caller);
    else if (call !== undefined) ringing.delete(call.callId);
    const altOf = await directory(addressesInCall(stanza));
    await report(draftsOfCall(stanza, { deviceId, altOf }));
  }

  async function reportNotification(stanza: BinaryNode): Promise<void> {
    const { type } = stanza.attrs;
    if (type === "w:gp2") {
      onGroupChange(plainJid(stanza.attrs.from));
      const altOf = await directory(addressesInGroupChange(stanza));
      await report(draftsOfGroupChange(stanza, { deviceId, altOf }));
    } else if (type === "contacts") {
      const altOf = await directory(addressesInContactChange(stanza));
      await report(draftsOfContactChange(stanza, { deviceId, altOf }));
    } else if (type === "picture") {
      const altOf = await directory([stanza.attrs.from]);
      await report(draftsOfPicture(stanza, { deviceId, altOf }));
    } else if (type === "passkey_prologue_request") {
      onPasskey();
    }
  }

  holdStanzas(ws, "CB:notification", async (stanza) => {
    await inTurn(
      `notification ${stanza.attrs.from}`,
      () => readable(stanza, () => reportNotification(stanza)),
    );
    return await registration(stanza);
  });

  for (const event of ["CB:presence", "CB:chatstate"]) {
    ws.on(event, (stanza: BinaryNode) => {
      directory(addressesInPresence(stanza)).then((altOf) => report(draftsOfPresence(stanza, altOf)))
        .catch(() => {}); // the session is over, and so is the sign of life
    });
  }

  return {
    report,
    /** Who calls, as the call names them; undefined when no such call rings. */
    callerOf: (callId: string) => ringing.get(callId),
    async receipt(receipt: SessionReceipt): Promise<void> {
      await receipts.push([receipt]);
    },
    /** These messages were marked as read through this session. */
    async marked(messages: readonly WAMessage[]): Promise<void> {
      const altOf = await directory(messages.flatMap(addressesIn));
      const chats = messages.map((info) => ({
        id: info.key.id ?? "",
        chat: saidOf(info, { me: me(), altOf }).chat,
      }));
      const found = [...Map.groupBy(chats, ({ chat }) => chat.jid).values()].map((read): ChatRead => {
        const [{ chat: { jid: chat, lid } }] = read;
        return { what: "messages", chat, ...(lid && { lid }), messageIds: read.map(({ id }) => id) };
      });
      await events.chatsRead(found).catch((error: unknown) =>
        log.info("session.reading_not_noted", { deviceId, error: messageOf(error) }) // WhatsApp knows it all the same
      );
    },
    /** A setting of a chat has changed, maybe whether it is read. */
    async changed(setting: ChatSetting): Promise<void> {
      const { jid: chat } = chatOf(setting.chat, await directory([setting.chat]));
      await journaled();
      await reads.push([
        setting.readUntil === null ? { what: "unread", chat } : {
          what: "until",
          chat,
          at: setting.readUntil,
        },
      ]);
    },
    async idle(): Promise<void> {
      await Promise.all([receipts.idle(), reads.idle(), happenings.idle()]);
    },
    close(reason: Error): void {
      receipts.close(reason);
      reads.close(reason);
      happenings.close(reason);
    },
  };
}
