import type { ContactCard, Content, MediaKind } from "../../events/content.ts";
import { present } from "../../events/present.ts";
import { cutText } from "../../events/well_formed.ts";
import { firstText, id, isRecord, type Loose, number, record, records, text } from "../loose.ts";

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
      return placeContent(part("location")) ?? unknownContent(type, message, inner);
    case "contacts":
      return { kind: "contact", contacts: records(message.contacts ?? inner.contacts).map(cardOf) };
    case "button": {
      const button = part("button");
      const words = firstText(button.text, button.payload) ?? "";
      return { kind: "reply", text: words, ...present({ replyId: text(button.payload) }) };
    }
    case "interactive":
      return choiceContent(part("interactive"));
    case "order":
      return orderContent(part("order"), messageId);
    default:
      return unknownContent(type, message, inner);
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
      kept: false,
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

/** A tap on a button or a list row, the answers to a form, or to another question of WhatsApp's. */
function choiceContent(interactive: Loose): Content {
  if (isRecord(interactive.nfm_reply)) return formContent(interactive.nfm_reply);
  const tap = interactive.button_reply ?? interactive.list_reply;
  if (isRecord(tap)) {
    return { kind: "reply", text: firstText(tap.title, tap.body) ?? "", ...present({ replyId: id(tap.id) }) };
  }
  const [name = "", given] = Object.entries(interactive).find(([, part]) => isRecord(part)) ?? [];
  const type = text(interactive.type) ?? name;
  const params = record(given);
  return {
    kind: "reply",
    text: firstText(params.title, params.body, params.response) ?? "",
    ...present({
      replyId: type === "" ? undefined : cutText(type, 64),
      flow: given === undefined ? undefined : { name: type, params },
    }),
  };
}

/** @see WhatsApp Business Platform, "Flows: receiving the flow response" */
function formContent(form: Loose): Content {
  const given = text(form.response_json);
  const params = given === undefined ? form.response_json ?? null : parsedOrText(given);
  const name = text(form.name) ?? "flow";
  return {
    kind: "reply",
    text: text(form.body) ?? "",
    replyId: id(record(params).flow_token) ?? name,
    flow: { name, params },
  };
}

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return json;
    throw error;
  }
}

/** WhatsApp gives a cart no id of its own: it is known by its message. */
function orderContent(order: Loose, messageId: string): Content {
  const items = records(order.product_items);
  const quantities = items.map((item) => Math.max(0, Math.trunc(number(item.quantity) ?? 1)));
  const prices = items.map((item) => number(item.item_price));
  const [currency, ...others] = new Set(items.map((item) => text(item.currency)));
  const lines = items.map((item, index) => ({
    id: id(item.product_retailer_id),
    quantity: quantities[index],
    ...present({ price: prices[index], currency: text(item.currency) }),
  }));
  const isSum = items.length > 0 && others.length === 0 && prices.every((price) => price !== undefined);
  return {
    kind: "order",
    orderId: id(order.id) ?? messageId,
    itemCount: quantities.reduce((sum, quantity) => sum + quantity, 0),
    ...present({
      total: isSum
        ? prices.reduce<number>((sum, price, index) => sum + price! * quantities[index], 0)
        : undefined,
      currency: others.length === 0 ? currency : undefined,
      text: text(order.text),
      lines: lines.length > 0 && lines.every(isNamed) ? lines : undefined,
      catalogId: id(order.catalog_id),
    }),
  };
}

function isNamed<T>(line: T & { readonly id: string | undefined }): line is T & { readonly id: string } {
  return line.id !== undefined;
}

/** A kind that is not known keeps whatever words are in it. */
function unknownContent(type: string, message: Loose, inner: Loose): Content {
  const part = record(message[type] ?? inner[type]);
  const words = firstText(
    part.body,
    part.text,
    part.caption,
    record(message.text).body,
    message.text,
    message.body,
    inner.text,
  );
  return { kind: "unknown", rawType: cutText(type, 64), ...present({ text: words }) };
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
