import { captionOf, type Content, mediaOf, type MessageContext, textOf } from "../events/content.ts";
import type { EventDevice, EventOf } from "../events/event.ts";
import { addressOf, type Chat, lidOf } from "../events/person.ts";
import { mediaUrlOf, messageTypeOf } from "./naming.ts";
import { fieldsOf, snakeCase } from "./things.ts";
import { optionalSeconds, unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/**
 * `data` of a message that came in. `text` is always there, empty when the message has none, because receivers call
 * string methods on it; everything else that a message does not have is left out.
 */
export function received({ data, device }: EventOf<"message.received">): Data {
  return {
    message_id: data.messageId,
    from: addressOf(data.from),
    from_me: data.fromMe,
    type: messageTypeOf(data.content),
    text: textOf(data.content) ?? "",
    caption: captionOf(data.content),
    timestamp: unixSeconds(data.sentAt),
    chat_id: data.chat.jid,
    from_lid: lidOf(data.from),
    chat_lid: chatLid(data.chat),
    is_group: data.chat.kind === "group",
    participant: data.chat.kind === "group" ? addressOf(data.from) : undefined,
    push_name: data.from.pushName,
    offline: data.offline,
    ...details(data.content, device),
    ...surroundings(data),
  };
}

/** `data` of a message that went out through the gateway; `message_id` is the gateway's own. */
export function sent({ data, device }: EventOf<"message.sent">): Data {
  return {
    message_id: data.messageId,
    wa_message_id: data.waMessageId,
    to: data.chat.jid,
    from_me: true,
    type: messageTypeOf(data.content),
    text: textOf(data.content) ?? "",
    caption: captionOf(data.content),
    timestamp: unixSeconds(data.sentAt),
    chat_id: data.chat.jid,
    chat_lid: chatLid(data.chat),
    is_group: data.chat.kind === "group",
    ...details(data.content, device),
    ...surroundings(data),
  };
}

/**
 * `data` of a step in the life of an outgoing message. A message that was listened to is `read`, with `played`.
 * @param specific The name that says which step it is, as `event_type`.
 */
export function status({ data }: EventOf<"message.status">, specific: string): Data {
  const seen = data.status === "read" || data.status === "played";
  const deliveredAt = data.deliveredAt ?? (data.status === "delivered" ? data.statusAt : undefined);
  const readAt = data.readAt ?? (seen ? data.statusAt : undefined);
  return {
    message_id: data.messageId ?? data.waMessageId,
    to: data.chat.jid,
    status: seen ? "read" : data.status,
    wa_message_id: data.waMessageId,
    delivered_at: optionalSeconds(deliveredAt),
    read_at: optionalSeconds(readAt),
    played: data.status === "played" ? true : undefined,
    event_type: specific,
    timestamp: unixSeconds(data.statusAt),
    to_lid: chatLid(data.chat),
    participant: data.participant && addressOf(data.participant),
    participant_lid: lidOf(data.participant),
    error: data.reason?.message,
    error_code: data.reason?.code ?? undefined,
    attempts: data.attempts,
  };
}

export function edited({ data, device }: EventOf<"message.edited">): Data {
  return {
    message_id: data.messageId,
    from: addressOf(data.from),
    from_me: data.fromMe,
    type: messageTypeOf(data.content),
    text: textOf(data.content) ?? "",
    caption: captionOf(data.content),
    timestamp: unixSeconds(data.editedAt),
    chat_id: data.chat.jid,
    from_lid: lidOf(data.from),
    chat_lid: chatLid(data.chat),
    push_name: data.from.pushName,
    ...details(data.content, device),
  };
}

export function deleted({ data }: EventOf<"message.deleted">): Data {
  return {
    message_id: data.messageId,
    from: addressOf(data.from),
    from_me: data.fromMe,
    timestamp: unixSeconds(data.deletedAt),
    chat_id: data.chat.jid,
    from_lid: lidOf(data.from),
    chat_lid: chatLid(data.chat),
  };
}

/** `emoji` is empty when the reaction was taken back. */
export function reaction({ data }: EventOf<"message.reaction">): Data {
  return {
    message_id: data.messageId,
    from: addressOf(data.from),
    from_me: data.fromMe,
    emoji: data.emoji,
    timestamp: unixSeconds(data.reactedAt),
    chat_id: data.chat.jid,
    from_lid: lidOf(data.from),
    chat_lid: chatLid(data.chat),
    push_name: data.from.pushName,
  };
}

function chatLid(chat: Chat): string | undefined {
  return chat.lid ?? (chat.jid.endsWith("@lid") ? chat.jid : undefined);
}

/** What belongs to one kind of content only. */
function details(content: Content, device: EventDevice | null): Data {
  switch (content.kind) {
    case "location": {
      const { latitude, longitude, name, address, live } = content;
      return { location: { latitude, longitude, name, address, live } };
    }
    case "contact":
      return {
        contacts: content.contacts.map(({ displayName, vcard }) => ({ display_name: displayName, vcard })),
      };
    case "poll":
      return {
        poll: {
          question: content.question,
          options: content.options,
          selectable_count: content.selectableCount,
        },
      };
    case "poll_vote":
      return { poll_vote: { poll_message_id: content.pollMessageId, options: content.options } };
    case "reply":
      return { reply_id: content.replyId };
    case "template":
      return { template: content.name };
    case "unknown":
      return { raw_type: content.rawType };
    case "event":
    case "event_response":
    case "group_invite":
    case "product":
    case "order":
    case "pin":
      return { [content.kind]: snakeCase(fieldsOf(content, unixSeconds)) };
    default:
      return { media: media(content, device) };
  }
}

function media(content: Content, device: EventDevice | null): Data | undefined {
  const file = mediaOf(content);
  return file && {
    id: file.mediaId,
    url: mediaUrlOf(device, file),
    mime_type: file.mimeType,
    file_name: file.fileName,
    file_size: file.sizeBytes,
    seconds: file.seconds,
    voice: content.kind === "voice" ? true : undefined,
    width: file.width,
    height: file.height,
    pages: file.pages,
    animated: file.animated,
    sha256: file.sha256,
  };
}

function surroundings(context: MessageContext): Data {
  const { quoted, mentions, forwarded, viewOnce, expiresInSeconds, referral } = context;
  return {
    quoted: quoted && {
      message_id: quoted.messageId,
      from: quoted.from && addressOf(quoted.from),
      from_lid: lidOf(quoted.from),
      text: quoted.text,
    },
    mentions,
    forwarded,
    view_once: viewOnce,
    expires_in: expiresInSeconds,
    referral: referral && snakeCase(referral),
  };
}
