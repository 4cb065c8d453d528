import type { Content, MediaKind } from "../../events/content.ts";
import { present } from "../../events/present.ts";
import { firstText, id, isRecord, type Loose, number, record, text, timeMs } from "../loose.ts";
import type { Reading } from "../reading.ts";
import { chatWith, personIn } from "./address.ts";

/**
 * A comment in a room of Qiscus' own chat, which its SDK posts as `{type: "post_comment_mobile", payload: {from, room,
 * message}}`. Customers on WhatsApp are known by their number in `from.email`; agents have a real address there.
 * @see Qiscus help, "Webhooks" and "New Session Webhook"
 */
export function commentReading(payload: Loose, receivedAt: number): Reading {
  const { email, id: userId, name } = record(payload.from);
  const message = record(payload.message);
  const messageId = id(message.id) ?? id(message.comment_id) ?? id(message.unique_temp_id);
  const person = personIn(email) ?? personIn(userId);
  if (messageId === undefined) return { kind: "unread", why: "a comment without its id" };
  if (person === undefined || /@/.test(text(email) ?? "")) {
    return { kind: "nothing", why: "a comment of an agent" };
  }
  const from = { ...person, ...present({ pushName: text(name) }) };
  return {
    kind: "event",
    draft: {
      type: "message.received",
      dedupeKey: `qiscus:message:${messageId}`,
      data: {
        messageId,
        chat: chatWith(from),
        from,
        fromMe: false,
        sentAt: timeMs(message.timestamp) ?? timeMs(message.unix_timestamp) ?? receivedAt,
        offline: false,
        content: contentOf(message, messageId),
      },
    },
  };
}

function contentOf(message: Loose, messageId: string): Content {
  const part = isRecord(message.payload) ? message.payload : {};
  const words = text(message.text) ?? text(part.text) ?? "";
  switch (text(message.type)) {
    case undefined:
    case "text":
    case "reply":
      return { kind: "text", text: words };
    case "file_attachment":
    case "image":
    case "video":
    case "audio":
      return fileOf(part, messageId);
    case "location": {
      const latitude = number(part.latitude);
      const longitude = number(part.longitude);
      if (latitude === undefined || longitude === undefined) break;
      const place = { name: text(part.name), address: text(part.address) };
      return { kind: "location", latitude, longitude, ...present(place) };
    }
    case "button_postback_response":
      return { kind: "reply", text: words, ...present({ replyId: id(record(part.payload).id) }) };
  }
  return {
    kind: "unknown",
    rawType: text(message.type)?.slice(0, 64) ?? "comment",
    ...present({ text: words }),
  };
}

const KINDS: readonly (readonly [RegExp, MediaKind, string])[] = [
  [/\.(jpe?g|png|gif|webp)$/i, "image", "image/jpeg"],
  [/\.(mp4|3gp|mov)$/i, "video", "video/mp4"],
  [/\.(ogg|opus|mp3|m4a|aac|wav)$/i, "audio", "audio/ogg"],
];

function fileOf(part: Loose, messageId: string): Content {
  const url = text(part.url);
  const fileName = text(part.file_name);
  const path = fileName ?? (url === undefined ? "" : URL.parse(url)?.pathname ?? "");
  const [, kind, mimeType] = KINDS.find(([pattern]) => pattern.test(path)) ??
    [null, "document" as const, "application/octet-stream"];
  const size = number(part.size);
  return {
    kind,
    media: {
      mediaId: messageId,
      mimeType: firstText(part.mime_type, part.mimetype) ?? mimeType,
      kept: false,
      ...present({ fileName, url, sizeBytes: size !== undefined && size > 0 ? Math.trunc(size) : undefined }),
    },
    ...present({ caption: text(part.caption) }),
  };
}
