import type { ContactCard, Content, MediaKind, MessageContext } from "../events/content.ts";
import { present } from "../whatsapp/normalise/present.ts";
import { firstText, id, type Loose, number, record, records, text } from "./loose.ts";

const MEDIA: Readonly<Record<string, MediaKind>> = {
  image: "image",
  video: "video",
  audio: "audio",
  voice: "voice",
  document: "document",
  sticker: "sticker",
};

/**
 * What a customer's message says.
 * @param message As in `messages[]`, or Qiscus' own `payload`, whose parts lie one level deeper under `message`.
 * @param messageId Names the file of the message, when it has no id of its own.
 * @see WhatsApp Business Platform, Cloud API, "Webhooks: messages object"
 */
export function qiscusContent(message: Loose, messageId: string): Content {
  const inner = record(message.message);
  const type = firstText(message.type, inner.type) ?? "unknown";
  const part = (name: string) => record(message[name] ?? inner[name]);
  if (type === "text") return textContent(message, inner);
  if (Object.hasOwn(MEDIA, type)) return mediaContent(MEDIA[type], part(type), inner, messageId);
  switch (type) {
    case "location":
      return placeContent(part("location")) ?? { kind: "unknown", rawType: type };
    case "contacts":
      return { kind: "contact", contacts: records(message.contacts ?? inner.contacts).map(cardOf) };
    case "button": {
      const button = part("button");
      const words = firstText(button.text, button.payload) ?? "";
      return { kind: "reply", text: words, ...present({ replyId: text(button.payload) }) };
    }
    case "interactive":
      return choiceContent(part("interactive"));
    default:
      return { kind: "unknown", rawType: type.slice(0, 64) };
  }
}

function textContent(message: Loose, inner: Loose): Content {
  const words = firstText(
    record(message.text).body,
    message.text,
    inner.text,
    record(inner.text).body,
    inner.body,
  );
  return { kind: "text", text: words ?? "" };
}

function mediaContent(kind: MediaKind, file: Loose, inner: Loose, messageId: string): Content {
  const caption = firstText(file.caption, inner.caption);
  return {
    kind: kind === "audio" && file.voice === true ? "voice" : kind,
    media: {
      mediaId: id(file.id) ?? messageId,
      mimeType: firstText(file.mime_type, file.mimeType, inner.mime_type) ?? "application/octet-stream",
      ...present({
        fileName: firstText(file.filename, file.file_name, inner.filename),
        sha256: hexOf(text(file.sha256)),
        sizeBytes: sizeOf(file.file_size ?? file.size),
        animated: file.animated === true || undefined,
        url: firstText(file.link, file.url, inner.url, inner.link),
      }),
    },
    ...present({ caption }),
  };
}

function placeContent(place: Loose): Content | undefined {
  const latitude = number(place.latitude);
  const longitude = number(place.longitude);
  if (latitude === undefined || longitude === undefined) return undefined;
  return {
    kind: "location",
    latitude,
    longitude,
    ...present({ name: text(place.name), address: text(place.address) }),
  };
}

/** A tap on a button or a list row. */
function choiceContent(interactive: Loose): Content {
  const choice = record(interactive.button_reply ?? interactive.list_reply ?? interactive.nfm_reply);
  const words = firstText(choice.title, choice.body, choice.name) ?? "";
  return { kind: "reply", text: words, ...present({ replyId: id(choice.id) }) };
}

function cardOf(contact: Loose): ContactCard {
  const displayName = text(record(contact.name).formatted_name) ?? "";
  const phones = records(contact.phones).map((phone) => firstText(phone.phone, phone.wa_id))
    .filter((phone) => phone !== undefined);
  const lines = phones.map((phone) => `TEL:${oneLine(phone)}`);
  return {
    displayName,
    vcard: ["BEGIN:VCARD", "VERSION:3.0", `FN:${oneLine(displayName)}`, ...lines, "END:VCARD"].join("\n"),
  };
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, " ");
}

/** WhatsApp gives SHA-256 in Base64. */
function hexOf(base64: string | undefined): string | undefined {
  if (base64 === undefined || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) return undefined;
  return Uint8Array.fromBase64(base64).toHex();
}

function sizeOf(value: unknown): number | undefined {
  const size = number(value);
  return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/** What surrounds it: the message that it answers, and whether it was forwarded. */
export function qiscusContext(message: Loose): MessageContext {
  const context = record(message.context ?? record(message.message).context);
  const quotedId = id(context.id ?? context.message_id);
  return present({
    quoted: quotedId === undefined ? undefined : { messageId: quotedId, from: null },
    forwarded: context.forwarded === true || context.frequently_forwarded === true || undefined,
  });
}
