import { type BaileysEventMap, proto, type WASocket } from "@whiskeysockets/baileys";

/** What the journal, the reports and the directory have from the stanzas themselves. */
const UNHEARD: ReadonlySet<string> = new Set<keyof BaileysEventMap>([
  "messaging-history.set",
  "chats.upsert",
  "chats.update",
  "chats.delete",
  "contacts.upsert",
  "contacts.update",
  "messages.upsert",
  "messages.update",
  "messages.delete",
  "messages.reaction",
  "message-receipt.update",
  "groups.update",
]);

type Emit = WASocket["ev"]["emit"];

/**
 * Spares Baileys the events that nobody listens to here. It copies each into a buffer, puts the buffers of one stanza
 * together and keeps a timer for it; of a big account's history that alone stops everybody for a moment. Pages of
 * history that were asked for are told of.
 * @see Baileys lib/Utils/event-buffer.js; lib/Socket/messages-recv.js `processNodeWithBuffer`
 */
export function leaveUnheard({ ev }: Pick<WASocket, "ev">): void {
  const emit: Emit = ev.emit.bind(ev);
  ev.emit = (event, data) => UNHEARD.has(event) && !wasAskedFor(data) ? true : emit(event, data);
}

function wasAskedFor(data: unknown): boolean {
  return typeof data === "object" && data !== null && "syncType" in data &&
    data.syncType === proto.HistorySync.HistorySyncType.ON_DEMAND;
}
