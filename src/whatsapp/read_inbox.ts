import type { EventOf, EventType } from "../events/event.ts";
import type { Chat } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { InboxMessage } from "../store/inbox.ts";

/** What a message of the inbox told, as it was published or would have been. */
export type Told = EventOf<
  "message.received" | "message.reaction" | "message.edited" | "message.deleted"
>;

/** Reads messages of a device's inbox: what each told. Those that told nothing are left out. */
export type ReadInbox = (rows: readonly InboxMessage[], device: Device) => Promise<readonly Told[]>;

/**
 * What WhatsApp sent for a message of the inbox, byte by byte: the decrypted message, or the outline of its stanza
 * (JSON) where there was no more. Undefined when nothing is left of it.
 */
export type ReadRaw = (
  row: InboxMessage,
) => Promise<{ readonly encoding: "protobuf" | "stanza"; readonly bytes: Uint8Array } | undefined>;

/** What makes one event of all tellings of a message. A person is known by their LID first: numbers change. */
export function dedupeKeyOf(deviceId: DeviceId, type: EventType, chat: Chat, messageId: string): string {
  return `${deviceId}/${type}/${chat.lid ?? chat.jid}/${messageId}`;
}
