import { type Content, mediaOf, wordsOf } from "../events/content.ts";
import type { EventDevice, EventOf, KabarEvent } from "../events/event.ts";
import { addressOf } from "../events/person.ts";
import { mediaUrlOf, messageTypeOf } from "./naming.ts";
import { qrImage } from "./qr_image.ts";
import { camelName, fieldsOf } from "./things.ts";
import { isoTime } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/** `data` of every event that the format `instance` can say. */
export function instanceData(event: KabarEvent): unknown {
  switch (event.type) {
    case "message.received":
      return event.data.fromMe ? typed(event) : received(event);
    case "message.sent":
      return sent(event);
    case "message.status":
      return updated(event);
    case "device.qr":
      return { status: "qr", qrCode: qrImage(event.data.code) };
    case "device.connecting":
      return { status: "connecting" };
    case "device.connected":
      return { status: "connected", phoneNumber: event.data.phoneNumber ?? undefined };
    case "device.disconnected": {
      const { reason } = event.data;
      return { status: "disconnected", reason: reason === "logout" ? "logged_out" : reason };
    }
    case "webhook.test":
      return { message: event.data.message };
    case "custom":
      return event.data.payload === undefined ? {} : event.data.payload;
    default:
      return {};
  }
}

function received({ data, device }: EventOf<"message.received">): Data {
  const { messageId, from, chat, content, sentAt, quoted, mentions, referral } = data;
  return {
    messageId,
    from: addressOf(from),
    chatId: chat.jid,
    body: bodyOf(content),
    type: messageTypeOf(content),
    timestamp: isoTime(sentAt),
    pushName: from.pushName,
    fromLid: from.lid ?? undefined,
    quotedMessageId: quoted?.messageId,
    mentions,
    referral,
    ...details(content, device),
  };
}

/** A message that the owner typed on the phone. */
function typed({ data, device }: EventOf<"message.received">): Data {
  const { messageId, chat, content, sentAt } = data;
  return outgoing(messageId, chat.jid, content, sentAt, details(content, device));
}

/** `messageId` is WhatsApp's, the same as in `message.updated`. */
function sent({ data, device }: EventOf<"message.sent">): Data {
  const { waMessageId, chat, content, sentAt } = data;
  return outgoing(waMessageId, chat.jid, content, sentAt, details(content, device));
}

function outgoing(messageId: string, chatId: string, content: Content, sentAt: number, more: Data): Data {
  return {
    messageId,
    to: chatId,
    chatId,
    body: bodyOf(content),
    type: messageTypeOf(content),
    timestamp: isoTime(sentAt),
    ...more,
  };
}

function updated({ data }: EventOf<"message.status">): Data {
  return {
    messageId: data.waMessageId ?? data.messageId,
    to: data.chat.jid,
    chatId: data.chat.jid,
    status: data.status === "played" ? "read" : data.status,
    timestamp: isoTime(data.statusAt),
    played: data.status === "played" ? true : undefined,
    participant: data.participant && addressOf(data.participant),
    error: data.reason?.message,
    errorCode: data.reason?.code ?? undefined,
  };
}

function bodyOf(content: Content): string {
  if (content.kind === "document") return content.caption ?? content.media.fileName ?? "";
  if (content.kind === "contact") return content.contacts[0]?.displayName ?? "";
  return wordsOf(content) ?? "";
}

/** What belongs to one kind of content only. */
function details(content: Content, device: EventDevice | null): Data {
  switch (content.kind) {
    case "location": {
      const { latitude, longitude, name, address } = content;
      return { location: { latitude, longitude, name, address } };
    }
    case "contact":
      return { contacts: content.contacts };
    case "poll":
      return { poll: { options: content.options, selectableCount: content.selectableCount } };
    case "poll_vote":
      return { pollVote: { pollMessageId: content.pollMessageId, options: content.options } };
    case "reply":
      return { replyId: content.replyId };
    case "template":
      return { template: content.name };
    case "unknown":
      return { rawType: content.rawType };
    case "event":
    case "event_response":
    case "group_invite":
    case "product":
    case "order":
    case "pin":
      return { [camelName(content.kind)]: fieldsOf(content, isoTime) };
    default:
      return file(content, device);
  }
}

function file(content: Content, device: EventDevice | null): Data {
  const media = mediaOf(content);
  return media === undefined ? {} : {
    mediaUrl: mediaUrlOf(device, media),
    mimetype: media.mimeType,
    fileName: media.fileName,
    fileSize: media.sizeBytes,
    seconds: media.seconds,
    voice: content.kind === "voice" ? true : undefined,
  };
}
