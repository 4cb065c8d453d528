import type { Content, MediaKind, MessageContext, Quoted } from "../events/content.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import {
  GROUP_SERVER,
  isLid,
  isPn,
  kindOf,
  LID_SERVER,
  plainJid,
  PN_SERVER,
  serverOf,
} from "../whatsapp/jid.ts";
import { present } from "../whatsapp/normalise/present.ts";
import {
  firstText,
  id,
  isRecord,
  type Loose,
  number,
  record,
  records,
  text,
  texts,
  timeMs,
} from "./loose.ts";

/** A message as a server on whatsapp-web.js tells of it, read as far as it can be. */
export interface WebMessage {
  /** WhatsApp's id, without the chat around it. */
  readonly messageId: string;
  readonly chat: Chat;
  readonly from: Person;
  readonly fromMe: boolean;
  readonly sentAt: number;
  readonly content: Content;
  readonly context: MessageContext;
}

/** WhatsApp Web's words for files, as in whatsapp-web.js `MessageTypes`. */
const MEDIA: Readonly<Record<string, MediaKind>> = {
  image: "image",
  video: "video",
  audio: "audio",
  ptt: "voice",
  document: "document",
  sticker: "sticker",
};

const SERVERS: ReadonlySet<string> = new Set([
  PN_SERVER,
  LID_SERVER,
  GROUP_SERVER,
  "broadcast",
  "newsletter",
]);

/**
 * Reads a message of whatsapp-web.js. Undefined when it does not tell its id, its chat, or who wrote it.
 * @param seen.me Our own address, when it is known.
 * @param seen.receivedAt Epoch ms, for messages that do not tell their own time.
 * @see whatsapp-web.js, `Message`
 */
export function readWebMessage(
  message: Loose,
  seen: { readonly me: Jid | null; readonly receivedAt: number },
): WebMessage | undefined {
  const { me, receivedAt } = seen;
  const key = readWebKey(message);
  if (key === undefined || key.chat === undefined) return undefined;
  const { messageId, chat, fromMe } = key;
  const author = jidOf(message.author) ?? jidOf(record(message.id).participant);
  const sender = fromMe ? [jidOf(message.from), author, me] : [author, jidOf(message.from)];
  const address = [...sender, chat.jid].find((jid) => jid && isPersonal(jid));
  if (!address) return undefined;
  const pushName = firstText(record(message._data).notifyName, message.notifyName, message.pushName);
  const from = personOf(address, fromMe ? undefined : pushName);
  return {
    messageId,
    chat,
    from,
    fromMe,
    sentAt: timeMs(message.timestamp) ?? receivedAt,
    content: contentOf(message, messageId),
    context: contextOf(message),
  };
}

/** What identifies a message: its id, whose it is, and in which chat. `chat` is undefined when nothing tells it. */
export function readWebKey(
  message: Loose,
): { readonly messageId: string; readonly fromMe: boolean; readonly chat: Chat | undefined } | undefined {
  const key = record(message.id);
  const serialized = id(isRecord(message.id) ? key._serialized : message.id);
  const parts = /^(true|false)_([^_]+@[^_]+)_([^_]+)/.exec(serialized ?? "");
  const messageId = id(key.id) ?? parts?.[3] ?? serialized;
  if (messageId === undefined) return undefined;
  const fromMe = [message.fromMe, key.fromMe, parts?.[1]].some((mark) => mark === true || mark === "true");
  const remote = jidOf(key.remote) ?? jidOf(parts?.[2]) ?? jidOf(fromMe ? message.to : message.from);
  return { messageId, fromMe, chat: remote === undefined ? undefined : chatOf(remote) };
}

/** A jid from a text, or from the object that whatsapp-web.js serialises one to. `…@c.us` becomes `…@s.whatsapp.net`. */
export function jidOf(value: unknown): Jid | undefined {
  const given = id(isRecord(value) ? value._serialized : value);
  if (given === undefined) return undefined;
  if (/^\d{5,20}$/.test(given)) return `${given}@${PN_SERVER}`;
  if (!/^[\w.:-]+@[a-z.]+$/.test(given)) return undefined;
  const jid = plainJid(given);
  return SERVERS.has(serverOf(jid)) ? jid : undefined;
}

/** Whether it is the address of one person. */
export function isPersonal(jid: Jid): boolean {
  return isPn(jid) || isLid(jid);
}

export function personOf(jid: Jid, pushName?: string): Person {
  return { pn: isLid(jid) ? null : jid, lid: isLid(jid) ? jid : null, ...present({ pushName }) };
}

export function chatOf(jid: Jid): Chat {
  return { kind: kindOf(jid), jid, ...(isLid(jid) && { lid: jid }) };
}

function contentOf(message: Loose, messageId: string): Content {
  const type = firstText(message.type, record(message._data).type) ?? "chat";
  const body = text(message.body);
  if (Object.hasOwn(MEDIA, type)) {
    return {
      kind: MEDIA[type],
      media: mediaOf(message, messageId),
      ...present({ caption: captionOf(message) }),
    };
  }
  switch (type) {
    case "chat":
    case "text":
      return { kind: "text", text: body ?? "" };
    case "location":
      return placeOf(message) ?? { kind: "unknown", rawType: type };
    case "vcard":
    case "multi_vcard":
      return { kind: "contact", contacts: cardsOf(message) };
    case "poll_creation":
      return {
        kind: "poll",
        question: firstText(message.pollName, body) ?? "",
        options: records(message.pollOptions).map((option) => text(option.name) ?? ""),
        selectableCount: message.allowMultipleAnswers === true ? 0 : 1,
      };
    case "buttons_response":
    case "list_response":
    case "template_button_reply": {
      const replyId = id(message.selectedButtonId) ?? id(message.selectedRowId);
      return { kind: "reply", text: body ?? "", ...present({ replyId }) };
    }
    default:
      return { kind: "unknown", rawType: type.slice(0, 64) };
  }
}

function captionOf(message: Loose): string | undefined {
  // For files the body is the caption; documents without one repeat the file's name there.
  const body = firstText(message.caption, record(message._data).caption, message.body);
  return body === text(record(message._data).filename) ? undefined : body;
}

function mediaOf(message: Loose, messageId: string) {
  const data = record(message._data);
  const size = number(data.size);
  const seconds = number(message.duration) ?? number(data.duration);
  return {
    mediaId: messageId,
    mimeType: firstText(message.mimetype, data.mimetype) ?? "application/octet-stream",
    ...present({
      fileName: firstText(message.filename, data.filename),
      sizeBytes: size !== undefined && size >= 0 ? Math.trunc(size) : undefined,
      seconds: seconds !== undefined && seconds >= 0 ? Math.trunc(seconds) : undefined,
      animated: message.isGif === true || undefined,
      url: text(message.mediaUrl),
    }),
  };
}

function placeOf(message: Loose): Content | undefined {
  const place = record(message.location);
  const latitude = number(place.latitude) ?? number(record(message._data).lat);
  const longitude = number(place.longitude) ?? number(record(message._data).lng);
  if (latitude === undefined || longitude === undefined) return undefined;
  const name = firstText(place.name, place.description);
  return { kind: "location", latitude, longitude, ...present({ name, address: text(place.address) }) };
}

function cardsOf(message: Loose) {
  const vcards = texts(message.vCards);
  const cards = vcards.length > 0 ? vcards : texts([message.body]);
  return cards.map((vcard) => ({ displayName: /^FN[^:\r\n]*:(.+)$/m.exec(vcard)?.[1]?.trim() ?? "", vcard }));
}

function contextOf(message: Loose): MessageContext {
  const data = record(message._data);
  const mentions = (Array.isArray(message.mentionedIds) ? message.mentionedIds : []).map(jidOf)
    .filter((jid) => jid !== undefined);
  return present({
    quoted: quotedOf(data),
    mentions: mentions.length > 0 ? mentions : undefined,
    forwarded: message.isForwarded === true || undefined,
    viewOnce: data.isViewOnce === true || undefined,
  });
}

function quotedOf(data: Loose): Quoted | undefined {
  const messageId = id(data.quotedStanzaID);
  if (messageId === undefined) return undefined;
  const author = jidOf(data.quotedParticipant);
  return {
    messageId,
    from: author !== undefined && isPersonal(author) ? personOf(author) : null,
    ...present({ text: text(record(data.quotedMsg).body) }),
  };
}
