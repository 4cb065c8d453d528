import { proto } from "@whiskeysockets/baileys";
import { isLid } from "../jid.ts";

/** What reads a part of a message of the wire. */
interface Reader {
  pos: number;
}

type Decode<T> = (from: Reader | Uint8Array, length?: number, end?: number) => T;

/** The field that begins each page of history: of which kind it is. */
const KIND_FIELD = 0x08;

let installed = false;

/**
 * Leaves out of pages of history what nobody here reads: the past messages, which are most of a page and take a big
 * account's page half a second. What was asked for (`ON_DEMAND`) is read whole, and so is a chat whose phone number may
 * be found in its messages alone. Once per process.
 * @see Baileys lib/Utils/history.js `processHistoryMessage`, `extractPnFromMessages`
 */
export function skimHistory(): void {
  if (installed) return;
  installed = true;
  const { HistorySync, Conversation, HistorySyncMsg } = proto;
  const page: Decode<proto.HistorySync> = HistorySync.decode as Decode<proto.HistorySync>;
  const chat: Decode<proto.Conversation> = Conversation.decode as Decode<proto.Conversation>;
  const past: Decode<proto.HistorySyncMsg> = HistorySyncMsg.decode as Decode<proto.HistorySyncMsg>;
  let skimming = false;

  const readPage: Decode<proto.HistorySync> = (from, length, end) => {
    skimming = from instanceof Uint8Array && from[0] === KIND_FIELD &&
      from[1] !== HistorySync.HistorySyncType.ON_DEMAND;
    try {
      return page(from, length, end);
    } finally {
      skimming = false;
    }
  };
  const readChat: Decode<proto.Conversation> = (from, length, end) => {
    if (!skimming || from instanceof Uint8Array) return chat(from, length, end);
    const start = from.pos;
    const found = chat(from, length, end);
    found.messages = [];
    if (found.pnJid || !isLid(found.id)) return found;
    from.pos = start;
    skimming = false;
    try {
      return chat(from, length, end);
    } finally {
      skimming = true;
    }
  };
  const readPast: Decode<proto.HistorySyncMsg> = (from, length, end) => {
    if (!skimming || from instanceof Uint8Array || length === undefined) return past(from, length, end);
    from.pos += length;
    return NOTHING;
  };
  const NOTHING = new HistorySyncMsg();

  Object.assign(HistorySync, { decode: readPage });
  Object.assign(Conversation, { decode: readChat });
  Object.assign(HistorySyncMsg, { decode: readPast });
}
