import { RefusedError } from "../errors.ts";
import type { Content, ContentKind, MessageContext } from "../events/content.ts";
import type { Device } from "../store/devices.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Messages } from "../store/messages.ts";
import type { ReadInbox } from "../whatsapp/read_inbox.ts";

/** What phones send on as it is. A poll would be another poll, an invitation is for one person. */
const FORWARDED: ReadonlySet<ContentKind> = new Set([
  "text",
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
  "location",
  "contact",
]);

export interface ForwardingDeps {
  readonly messages: Pick<Messages, "get">;
  readonly inbox: Pick<Inbox, "get">;
  readonly readInbox: ReadInbox;
}

/** What a message says that sends another one on, and what surrounds that. */
export interface Forwarded {
  readonly content: Content;
  readonly context: Pick<MessageContext, "forwarded" | "forwardedId">;
}

/**
 * Reads the message that is to be sent on: one of the device's chats, by WhatsApp's id or by ours.
 * @throws {RefusedError} If the device does not know it, or it is none that phones send on.
 */
export async function forwardedOf(
  messageId: string,
  device: Device,
  { messages, inbox, readInbox }: ForwardingDeps,
): Promise<Forwarded> {
  const own = messageId.startsWith("msg_") ? await messages.get(messageId) : undefined;
  const forwardedId = own?.deviceId === device.id ? own.waMessageId ?? messageId : messageId;
  const row = await inbox.get(device.id, forwardedId);
  if (row === undefined) {
    throw new RefusedError(
      "MESSAGE_NOT_FOUND",
      `Cannot forward message "${messageId}": the device does not know it`,
    );
  }
  const [told] = await readInbox([row], device);
  if (told?.type !== "message.received") throw notForwardable(messageId, "it says nothing by itself");
  const { kind } = told.data.content;
  if (!FORWARDED.has(kind)) {
    throw notForwardable(messageId, `phones do not send on what is of kind "${kind}"`);
  }
  const { content, viewOnce } = told.data;
  if (viewOnce) throw notForwardable(messageId, "it can be viewed only once");
  return { content, context: { forwardedId, ...(row.fromMe ? {} : { forwarded: true }) } };
}

function notForwardable(messageId: string, why: string): RefusedError {
  return new RefusedError("NOT_FORWARDABLE", `Cannot forward message "${messageId}": ${why}`);
}
