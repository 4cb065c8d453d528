import { type Content, mediaOf, wordsOf } from "../events/content.ts";
import type { EventDevice, EventOf } from "../events/event.ts";
import { addressOf } from "../events/person.ts";
import type { ShapedEvent } from "./format.ts";
import { fileSizeOf, mediaUrlOf, messageTypeOf, mimeTypeOf } from "./naming.ts";
import { qrImage } from "./qr_image.ts";
import {
  camelName,
  contextFields,
  fieldsOf,
  isStructured,
  targetFields,
  templateFields,
} from "./structured.ts";
import { isoTime } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/** `data` of every event that the format `instance` can say. */
export function instanceData(event: ShapedEvent): unknown {
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
    default:
      return {};
  }
}

function received({ data, device }: EventOf<"message.received">): Data {
  const { messageId, from, chat, content, sentAt, quoted } = data;
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
    backfilled: data.backfilled,
    ...contextFields(data),
    ...details(content, device),
  };
}

/** A message that the owner typed on the phone. */
function typed({ data, device }: EventOf<"message.received">): Data {
  const { messageId, chat, content, sentAt } = data;
  const { backfilled } = data;
  return outgoing(messageId, chat.jid, content, sentAt, { backfilled, ...details(content, device) });
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
  if (isStructured(content)) return { [camelName(content.kind)]: fieldsOf(content, isoTime) };
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
      return {
        pollVote: {
          pollMessageId: content.pollMessageId,
          options: content.options,
          unknownOptions: content.unknownOptions,
          ...targetFields(content),
        },
      };
    case "reply":
      return { replyId: content.replyId, flow: content.flow };
    case "template":
      return { ...templateFields(content), ...file(content, device) };
    case "unknown":
      return { rawType: content.rawType, reason: content.reason };
    default:
      return file(content, device);
  }
}

function file(content: Content, device: EventDevice | null): Data {
  const media = mediaOf(content);
  return media === undefined ? {} : {
    mediaUrl: mediaUrlOf(device, media),
    mimetype: mimeTypeOf(media),
    fileName: media.fileName,
    fileSize: fileSizeOf(media),
    seconds: media.seconds,
    voice: content.kind === "voice" ? true : undefined,
  };
}
