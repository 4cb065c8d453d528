import type { Person } from "../../events/person.ts";
import { firstText, id, type Loose, record, text, timeMs } from "../loose.ts";
import type { Reading } from "../reading.ts";
import { chatOf, type Names, personIn, senderOf } from "./address.ts";
import { qiscusContent } from "./content.ts";
import { qiscusContext } from "./context.ts";

const NO_SENDER = "a message without its id or without who sent it";

/**
 * A message of a customer, or what the customer does to an earlier one: a reaction, an edit, a deletion, a new number.
 * @see WhatsApp Business Platform, Cloud API, "Webhooks: messages object"
 */
export function messageReading(message: Loose, names: Names, receivedAt: number): Reading {
  const from = senderOf(message, names);
  const messageId = id(message.id) ?? id(message.message_id);
  if (from === undefined || messageId === undefined) return { kind: "unread", why: NO_SENDER };
  const at = timeMs(message.timestamp) ?? receivedAt;
  const said = { chat: chatOf(message, from), from, fromMe: false };
  switch (message.type) {
    case "reaction": {
      const { message_id, emoji } = record(message.reaction);
      const target = id(message_id);
      if (target === undefined) {
        return { kind: "unread", why: "a reaction without the message that it is to" };
      }
      const data = { messageId: target, ...said, emoji: text(emoji) ?? "", reactedAt: at };
      return event({ type: "message.reaction", dedupeKey: `qiscus:message:${messageId}`, data });
    }
    case "edit": {
      const edit = record(message.edit);
      const target = id(edit.original_message_id) ?? id(edit.message_id);
      if (target === undefined) return { kind: "unread", why: "an edit without the message that it changes" };
      const content = qiscusContent(record(edit.message ?? edit), target);
      const data = { messageId: target, ...said, editedAt: at, content };
      return event({ type: "message.edited", dedupeKey: `qiscus:edit:${messageId}`, data });
    }
    case "revoke":
    case "deleted": {
      const revoked = record(message.revoke ?? message.deleted);
      const target = id(revoked.original_message_id) ?? id(revoked.message_id);
      if (target === undefined) {
        return { kind: "unread", why: "a deletion without the message that it is of" };
      }
      const data = { messageId: target, ...said, deletedAt: at };
      return event({ type: "message.deleted", dedupeKey: `qiscus:deleted:${target}`, data });
    }
    case "system":
      return numberReading(record(message.system), from, messageId, at);
    case "request_welcome":
      return { kind: "nothing", why: "a chat that was opened" };
    default:
      return event({
        type: "message.received",
        dedupeKey: `qiscus:message:${messageId}`,
        data: {
          messageId,
          ...said,
          sentAt: at,
          offline: false,
          content: qiscusContent(message, messageId),
          ...qiscusContext(message),
        },
      });
  }
}

/** What the owner of the number wrote on the phone. */
export function echoReading(message: Loose, metadata: Loose, receivedAt: number): Reading {
  const customer = personIn(message.to) ?? personIn(message.to_user_id);
  const own: Person | undefined = personIn(message.from) ?? personIn(metadata.display_phone_number);
  const messageId = id(message.id);
  if (customer === undefined || own === undefined || messageId === undefined) {
    return { kind: "unread", why: "an echo without its id or without whom it was sent to" };
  }
  return event({
    type: "message.received",
    dedupeKey: `qiscus:message:${messageId}`,
    data: {
      messageId,
      chat: chatOf(message, customer),
      from: own,
      fromMe: true,
      ...(own.pn !== null && { me: own.pn }),
      sentAt: timeMs(message.timestamp) ?? receivedAt,
      offline: false,
      content: qiscusContent(message, messageId),
      ...qiscusContext(message),
    },
  });
}

function numberReading(system: Loose, previous: Person, messageId: string, changedAt: number): Reading {
  const person = personIn(system.new_wa_id) ?? personIn(system.wa_id) ?? personIn(system.customer);
  if (person === undefined || person.pn === previous.pn) {
    const what = firstText(system.type) ?? "without a type";
    return { kind: "unread", why: `a system message (${what.slice(0, 40)})` };
  }
  const data = { person, previous, changedAt };
  return event({ type: "identity.changed", dedupeKey: `qiscus:number:${messageId}`, data });
}

function event(draft: Extract<Reading, { kind: "event" }>["draft"]): Reading {
  return { kind: "event", draft };
}
