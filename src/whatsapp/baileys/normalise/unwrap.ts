import type { proto } from "@whiskeysockets/baileys";

type Message = proto.IMessage;

/** A message without the envelopes around it. */
export interface Unwrapped {
  readonly message: Message;
  /** It can be viewed once. */
  readonly viewOnce: boolean;
  /** What stands beside the message, in whichever envelope. */
  readonly messageContextInfo?: proto.IMessageContextInfo;
}

/** Envelopes that say nothing themselves: the message is inside. Those of view-once messages are the second list. */
export const ENVELOPES = [
  "ephemeralMessage",
  "documentWithCaptionMessage",
  "editedMessage",
  "associatedChildMessage",
  "groupStatusMessage",
  "groupStatusMessageV2",
  "groupMentionedMessage",
  "botInvokeMessage",
  "botForwardedMessage",
  "lottieStickerMessage",
  "pollCreationMessageV4",
  "questionMessage",
  "questionReplyMessage",
  "eventCoverImage",
  "pollCreationOptionImageMessage",
  "botTaskMessage",
] as const;
export const VIEW_ONCE = ["viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"] as const;
const MOST_LAYERS = 8;

/**
 * Takes the message out of its envelopes: disappearing, view-once, edited, with caption, sent from another device.
 * @see WAProto, messages of the type FutureProofMessage
 */
export function unwrap(outer: Message): Unwrapped {
  let message = outer;
  let viewOnce = false;
  let context = outer.messageContextInfo;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const once = VIEW_ONCE.map((name) => message[name]?.message).find((inner) => inner);
    const inner = once ?? message.deviceSentMessage?.message ??
      ENVELOPES.map((name) => message[name]?.message).find((inside) => inside);
    if (!inner) break;
    viewOnce ||= once !== undefined;
    message = inner;
    context ??= inner.messageContextInfo;
  }
  // the envelope is put around lists and buttons as well, which stay
  const { imageMessage, videoMessage, ptvMessage, audioMessage } = message;
  const shown = Boolean(imageMessage ?? videoMessage ?? ptvMessage ?? audioMessage);
  return { message, viewOnce: viewOnce && shown, ...(context ? { messageContextInfo: context } : {}) };
}

/** Fields that ride along with a message but are none. */
const RIDERS: ReadonlySet<string> = new Set([
  "messageContextInfo",
  "senderKeyDistributionMessage",
  "fastRatchetKeySenderKeyDistributionMessage",
]);

/** What speaks to programs only, or will come again with its content. */
const SILENT: ReadonlySet<string> = new Set([
  "stickerSyncRmrMessage",
  "albumMessage",
  "messageHistoryBundle",
  "messageHistoryNotice",
  "keepInChatMessage",
  "statusMentionMessage",
  "groupStatusMentionMessage",
  "limitSharingMessage",
  "chat",
]);

/** What changes or answers another message, and is none to read: phones do not count it as unread. */
const QUIET = [
  "reactionMessage",
  "encReactionMessage",
  "protocolMessage",
  "pollUpdateMessage",
  "encEventResponseMessage",
  "pinInChatMessage",
  "secretEncryptedMessage",
  "keepInChatMessage",
] as const;

/** Whether a message is nothing that its reader finds in the chat. */
export function isQuiet(outer: Message): boolean {
  const { message } = unwrap(outer);
  return QUIET.some((name) => message[name]);
}

/** Whether a kind of message tells people nothing. */
export function isSilent(rawType: string): boolean {
  return SILENT.has(rawType);
}

/**
 * The name of the field that holds the message, such as `imageMessage`; undefined when it carries none. Of several one
 * that tells people something: the order of fields is the sender's, and another after the message was stored.
 */
export function rawTypeOf(message: Message): string | undefined {
  const fields = Object.entries(message)
    .filter(([name, value]) => value !== null && value !== undefined && !RIDERS.has(name))
    .map(([name]) => name);
  return fields.find((name) => !SILENT.has(name)) ?? fields[0];
}
