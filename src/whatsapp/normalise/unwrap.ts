import type { proto } from "@whiskeysockets/baileys";

type Message = proto.IMessage;

/** A message without the envelopes around it. */
export interface Unwrapped {
  readonly message: Message;
  readonly viewOnce: boolean;
}

/** Envelopes that say nothing themselves: the message is inside. Those of view-once messages are the second list. */
const ENVELOPES = [
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
] as const;
const VIEW_ONCE = ["viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"] as const;
const MOST_LAYERS = 8;

/**
 * Takes the message out of its envelopes: disappearing, view-once, edited, with caption, sent from another device.
 * @see WAProto, messages of the type FutureProofMessage
 */
export function unwrap(outer: Message): Unwrapped {
  let message = outer;
  let viewOnce = false;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const once = VIEW_ONCE.map((name) => message[name]?.message).find((inner) => inner);
    const inner = once ?? message.deviceSentMessage?.message ??
      ENVELOPES.map((name) => message[name]?.message).find((inside) => inside);
    if (!inner) break;
    viewOnce ||= once !== undefined;
    message = inner;
  }
  return { message, viewOnce };
}

/** Fields that ride along with a message but are none. */
const RIDERS: ReadonlySet<string> = new Set([
  "messageContextInfo",
  "senderKeyDistributionMessage",
  "fastRatchetKeySenderKeyDistributionMessage",
]);

/** The name of the field that holds the message, such as `imageMessage`; undefined when it carries none. */
export function rawTypeOf(message: Message): string | undefined {
  const fields = Object.entries(message);
  return fields.find(([name, value]) => value !== null && value !== undefined && !RIDERS.has(name))?.[0];
}
