import type { Content, MessageContext } from "../../events/content.ts";
import type { Chat, Jid, Person } from "../../events/person.ts";
import { firstText, type Loose, record, timeMs } from "../loose.ts";
import { isPersonal, jidOf, personalJidOf, personOf } from "./address.ts";
import { contentOf } from "./content.ts";
import { readWebKey } from "./key.ts";
import { contextOf } from "./message_context.ts";

/** A message as a server on whatsapp-web.js tells of it, read as far as it can be. */
export interface WebMessage {
  /** WhatsApp's id, without the chat around it. */
  readonly messageId: string;
  readonly chat: Chat;
  readonly from: Person;
  readonly fromMe: boolean;
  /** The session's own address, when the message or the session tells it. */
  readonly me?: Jid;
  readonly sentAt: number;
  readonly content: Content;
  readonly context: MessageContext;
}

/** What reading needs to know besides the message. */
export interface Known {
  /** The session's own address, when it is known. */
  readonly me: Jid | null;
  /** Epoch ms, for messages that do not tell their own time. */
  readonly receivedAt: number;
}

/**
 * Reads a message of whatsapp-web.js. Undefined when it does not tell its id, its chat, or who wrote it.
 * @see whatsapp-web.js, `Message`
 */
export function readWebMessage(message: Loose, { me, receivedAt }: Known): WebMessage | undefined {
  const key = readWebKey(message);
  if (key === undefined || key.chat === undefined) return undefined;
  const { messageId, chat, fromMe } = key;
  const data = record(message._data);
  const author = jidOf(message.author) ?? jidOf(record(message.id).participant);
  const sender = fromMe ? [jidOf(message.from), author, me] : [author, jidOf(message.from)];
  const address = [...sender, chat.jid].find((jid) => jid && isPersonal(jid));
  if (!address) return undefined;
  const pushName = firstText(data.notifyName, message.notifyName, message.pushName);
  const own = personalJidOf(fromMe ? message.from : message.to) ?? me ?? undefined;
  return {
    messageId,
    chat,
    from: personOf(address, { pushName: fromMe ? undefined : pushName, lid: jidOf(data.lid) }),
    fromMe,
    ...(own !== undefined && { me: own }),
    sentAt: timeMs(message.timestamp) ?? receivedAt,
    content: contentOf(message, messageId),
    context: contextOf(message),
  };
}
