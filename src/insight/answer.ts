import type { EventOf } from "../events/event.ts";
import type { Chat, Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";

/** Messages after ours among which the answer is looked for. */
const MOST = 100;

export interface AnswerDeps {
  readonly inbox: Pick<Inbox, "oldest">;
  readonly readInbox: ReadInbox;
  /** The conversation that an address means. */
  readonly chatOf: (deviceId: DeviceId, jid: Jid) => Promise<Chat>;
}

/**
 * Finds what a message of ours was answered with: the first that its recipient wrote after it, as for the replies to a
 * blast. In a group everybody writes about everything, so there only a message counts that quotes ours.
 */
export function createAnswerOf({ inbox, readInbox, chatOf }: AnswerDeps) {
  return async (
    { to, sentAt, waMessageId }: OutgoingMessage,
    device: Device,
  ): Promise<EventOf<"message.received"> | undefined> => {
    if (sentAt === null || !to.includes("@")) return undefined;
    const chat = await chatOf(device.id, to);
    if (chat.kind !== "person" && chat.kind !== "group") return undefined;
    const since = Math.floor(sentAt / 1_000) * 1_000; // messages come with whole seconds
    const rows = await inbox.oldest(device.id, chat.jid, { limit: MOST, since });
    // what ours answers may have come within the same second
    const ours = rows.findIndex(({ fromMe, messageId }) => fromMe && messageId === waMessageId);
    const told = await readInbox(rows.slice(ours + 1).filter(({ fromMe }) => !fromMe), device);
    return told.filter((one) => one.type === "message.received").find(({ data }) =>
      chat.kind === "person" || (waMessageId !== null && data.quoted?.messageId === waMessageId)
    );
  };
}
