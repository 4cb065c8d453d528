import {
  captionOf,
  type Content,
  mediaOf,
  type MessageContext,
  type TargetAuthor,
  textOf,
} from "../events/content.ts";
import type { EventDevice, EventOf } from "../events/event.ts";
import { addressOf, type Chat, lidOf } from "../events/person.ts";
import { fileSizeOf, mediaUrlOf, messageTypeOf, mimeTypeOf } from "./naming.ts";
import { fieldsOf, isStructured, snakeCase, targetFields } from "./structured.ts";
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
    backfilled: data.backfilled,
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
    backfilled: data.backfilled,
    ...details(data.content, device),
    ...target(data),
    ...surroundings(data),
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
    backfilled: data.backfilled,
    ...target(data),
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
    backfilled: data.backfilled,
    ...target(data),
  };
}

function chatLid(chat: Chat): string | undefined {
  return chat.lid ?? (chat.jid.endsWith("@lid") ? chat.jid : undefined);
}

/** What belongs to one kind of content only. */
function details(content: Content, device: EventDevice | null): Data {
  if (isStructured(content)) return { [content.kind]: snakeCase(fieldsOf(content, unixSeconds)) };
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
      return {
        poll_vote: {
          poll_message_id: content.pollMessageId,
          options: content.options,
          unknown_options: content.unknownOptions,
          ...target(content),
        },
      };
    case "reply": {
      const { replyId, flow } = content;
      return { reply_id: replyId, flow: flow && { name: flow.name, params: flow.params } };
    }
    case "template": {
      const { name, header, footer, buttons } = content;
      return {
        template: name,
        header,
        footer,
        buttons: buttons?.map(snakeCase),
        media: media(content, device),
      };
    }
    case "unknown":
      return { raw_type: content.rawType, reason: content.reason };
    default:
      return { media: media(content, device) };
  }
}

function media(content: Content, device: EventDevice | null): Data | undefined {
  const file = mediaOf(content);
  return file && {
    id: file.mediaId,
    url: mediaUrlOf(device, file),
    mime_type: mimeTypeOf(file),
    file_name: file.fileName,
    file_size: fileSizeOf(file),
    seconds: file.seconds,
    voice: content.kind === "voice" ? true : undefined,
    width: file.width,
    height: file.height,
    pages: file.pages,
    animated: file.animated,
    sha256: file.sha256,
  };
}

/** Whose the message is that this is about. */
function target(of: TargetAuthor): Data {
  return of.author === undefined && of.targetFromMe === undefined ? {} : snakeCase(targetFields(of));
}

function surroundings(context: MessageContext): Data {
  const { quoted, mentions, forwarded, viewOnce, expiresInSeconds, referral, association } = context;
  return {
    quoted: quoted && {
      message_id: quoted.messageId,
      from: quoted.from && addressOf(quoted.from),
      from_lid: lidOf(quoted.from),
      text: quoted.text,
      type: quoted.kind && messageTypeOf({ kind: quoted.kind }),
      chat_id: quoted.chatId,
    },
    mentions,
    mention_lids: context.mentionLids,
    mentions_all: context.mentionsAll,
    group_mentions: context.groupMentions?.map(({ group, subject }) => ({ group_id: group, subject })),
    forwarded,
    view_once: viewOnce,
    expires_in: expiresInSeconds,
    referral: referral && snakeCase(referral),
    association: association && { kind: association.kind, message_id: association.messageId },
  };
}
