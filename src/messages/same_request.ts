import { RefusedError } from "../errors.ts";
import type { MessageContext } from "../events/content.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import type { WordedContent } from "./send.ts";

/** What makes two requests with one idempotency key the same. */
export interface Asked {
  readonly deviceId: DeviceId;
  readonly to: Jid;
  readonly content: WordedContent;
  readonly context: MessageContext;
}

/**
 * The message that was sent under the same key.
 * @throws {RefusedError} If it does not say the same to the same: the caller takes one message for another.
 */
export function sameRequest(message: OutgoingMessage, asked: Asked): OutgoingMessage {
  const same = message.deviceId === asked.deviceId && message.to === asked.to &&
    saysTheSame(message.content, asked.content) && isSameContext(message.context, asked.context);
  if (same) return message;
  throw keyReused("message", message.id);
}

/** The refusal of an idempotency key under which something else was asked for before. */
export function keyReused(what: "message" | "blast", id: string): RefusedError {
  return new RefusedError(
    "IDEMPOTENCY_KEY_REUSED",
    `The idempotency key was used before, for another ${what} ("${id}"): use a new key for each ${what}`,
    { [`${what}_id`]: id },
  );
}

/** A file that is fetched is taken for the same one: fetching it again only to compare it would help nobody. */
function saysTheSame(sent: OutgoingMessage["content"], asked: WordedContent): boolean {
  if (!("file" in asked)) return JSON.stringify(sent) === JSON.stringify(asked);
  if (!("media" in sent) || (asked.kind !== "any" && asked.kind !== sent.kind)) return false;
  const { file, fileName, seconds, caption } = asked;
  const sizeBytes = file.from === "upload" ? file.upload.sizeBytes : sent.media.sizeBytes;
  return sizeBytes === sent.media.sizeBytes && caption === sent.caption && seconds === sent.media.seconds &&
    (fileName === undefined || fileName === sent.media.fileName);
}

function isSameContext(sent: MessageContext, asked: MessageContext): boolean {
  return sent.quoted?.messageId === asked.quoted?.messageId &&
    JSON.stringify(sent.mentions ?? []) === JSON.stringify(asked.mentions ?? []);
}
