import type { Chat, Person } from "../../events/person.ts";
import { id, isRecord, type Loose, record } from "../loose.ts";
import { chatOf, jidOf, personalJidOf, personOf } from "./address.ts";

/** What identifies a message. */
export interface WebKey {
  readonly messageId: string;
  readonly fromMe: boolean;
  /** Whether the key itself says whose the message is. */
  readonly tellsOwner: boolean;
  /** Undefined when nothing tells it. */
  readonly chat: Chat | undefined;
  /** Who wrote it, where many people write. */
  readonly author: Person | undefined;
}

/** Reads the key of a message: an object, or its serialised form `true_628…@c.us_ID[_author]`. */
export function readWebKey(message: Loose): WebKey | undefined {
  const key = record(message.id);
  const serialized = id(isRecord(message.id) ? key._serialized : message.id);
  const parts = /^(true|false)_([^_]+@[^_]+)_([^_]+)(?:_(.+))?/.exec(serialized ?? "");
  const messageId = id(key.id) ?? parts?.[3] ?? serialized;
  if (messageId === undefined) return undefined;
  const marks = [message.fromMe, key.fromMe, parts?.[1]];
  const fromMe = marks.some((mark) => mark === true || mark === "true");
  const remote = jidOf(key.remote) ?? jidOf(parts?.[2]) ?? jidOf(fromMe ? message.to : message.from);
  const author = personalJidOf(key.participant) ?? personalJidOf(parts?.[4]);
  return {
    messageId,
    fromMe,
    tellsOwner: marks.some((mark) => mark !== undefined),
    chat: remote === undefined ? undefined : chatOf(remote),
    author: author === undefined ? undefined : personOf(author),
  };
}
