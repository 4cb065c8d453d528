import type {
  Content,
  MediaDescriptor,
  MediaKind,
  MessageButton,
  OrderLine,
  UnknownReason,
} from "../../events/content.ts";
import { present } from "../../events/present.ts";
import { cutText } from "../../events/well_formed.ts";
import { isGroup } from "../../whatsapp/jid.ts";
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
} from "../loose.ts";
import { jidOf, personalJidOf } from "./address.ts";
import { kindOfType } from "./content_types.ts";
import { targetIn } from "./target.ts";

/** The type of a message in WhatsApp Web's word. */
export function typeOf(message: Loose): string {
  return firstText(message.type, record(message._data).type) ?? "chat";
}

/**
 * What a message of whatsapp-web.js says. A kind that is not known, or lacks what makes it up, keeps its words.
 * @param messageId Names the file of the message.
 */
export function contentOf(message: Loose, messageId: string): Content {
  const type = typeOf(message);
  const kind = kindOfType(type);
  switch (kind) {
    case "text":
      return { kind, text: text(message.body) ?? "" };
    case "image":
    case "video":
    case "audio":
    case "voice":
    case "document":
    case "sticker":
      return mediaContent(kind, message, messageId);
    case "location":
      return placeOf(message, type) ?? unknownOf(message, type);
    case "contact":
      return { kind, contacts: cardsOf(message) };
    case "poll":
      return {
        kind,
        question: firstText(message.pollName, message.body) ?? "",
        options: records(message.pollOptions).map((option) => text(option.name) ?? ""),
        selectableCount: message.allowMultipleAnswers === true ? 0 : 1,
      };
    case "reply":
      return replyOf(message);
    case "template":
      return templateOf(message, messageId);
    case "event":
      return eventOf(message) ?? unknownOf(message, type);
    case "event_response":
      return responseOf(message) ?? unknownOf(message, type);
    case "group_invite":
      return inviteOf(message) ?? unknownOf(message, type);
    case "product":
      return productOf(message) ?? unknownOf(message, type);
    case "order":
      return orderOf(message) ?? unknownOf(message, type);
    case "pin":
      return pinOf(message) ?? unknownOf(message, type);
    default:
      return unknownOf(message, type);
  }
}

const REASONS: readonly UnknownReason[] = [
  "view_once",
  "hosted",
  "bot",
  "masked",
  "phone_silent",
  "too_old",
  "unreadable",
];

function unknownOf(message: Loose, type: string): Content {
  const data = record(message._data);
  const reason = REASONS.find((each) => each === data.reason);
  const rawType = cutText(text(data.rawType) ?? type, 64);
  return { kind: "unknown", rawType, ...present({ text: firstText(message.body, message.caption), reason }) };
}

function mediaContent(kind: MediaKind, message: Loose, messageId: string): Content {
  return { kind, media: mediaOf(message, messageId), ...present({ caption: captionOf(message) }) };
}

function captionOf(message: Loose): string | undefined {
  // For files the body is the caption; documents without one repeat the file's name there.
  const body = firstText(message.caption, record(message._data).caption, message.body);
  return body === text(record(message._data).filename) ? undefined : body;
}

function mediaOf(message: Loose, messageId: string): MediaDescriptor {
  const data = record(message._data);
  const size = number(data.size);
  const seconds = number(message.duration) ?? number(data.duration);
  const url = text(message.mediaUrl);
  return {
    mediaId: messageId,
    mimeType: firstText(message.mimetype, data.mimetype) ?? "application/octet-stream",
    kept: false,
    ...present({
      fileName: firstText(message.filename, data.filename),
      sizeBytes: size !== undefined && size >= 0 ? Math.trunc(size) : undefined,
      seconds: seconds !== undefined && seconds >= 0 ? Math.trunc(seconds) : undefined,
      animated: message.isGif === true || undefined,
      // a path alone leads to the other gateway, and nobody here knows where that is
      url: url !== undefined && /^https?:\/\//i.test(url) ? url : undefined,
    }),
  };
}

function placeOf(message: Loose, type: string): Content | undefined {
  const place = record(message.location);
  const latitude = number(place.latitude) ?? number(record(message._data).lat);
  const longitude = number(place.longitude) ?? number(record(message._data).lng);
  if (latitude === undefined || longitude === undefined) return undefined;
  const name = firstText(place.name, place.description);
  const live = type === "live_location" || place.live === true || record(message._data).isLive === true;
  return {
    kind: "location",
    latitude,
    longitude,
    ...present({ name, address: text(place.address), live: live || undefined }),
  };
}

function cardsOf(message: Loose) {
  const vcards = texts(message.vCards);
  const cards = vcards.length > 0 ? vcards : texts([message.body]);
  return cards.map((vcard) => ({ displayName: /^FN[^:\r\n]*:(.+)$/m.exec(vcard)?.[1]?.trim() ?? "", vcard }));
}

function replyOf(message: Loose): Content {
  const replyId = id(message.selectedButtonId) ?? id(message.selectedRowId);
  const { name, params } = record(message.flow);
  const flow = isRecord(message.flow) ? { name: text(name) ?? "", params } : undefined;
  return { kind: "reply", text: text(message.body) ?? "", ...present({ replyId, flow }) };
}

function templateOf(message: Loose, messageId: string): Content {
  const buttons = buttonsOf(message);
  return {
    kind: "template",
    name: text(message.templateName) ?? "",
    ...present({
      text: text(message.body),
      header: text(message.title),
      footer: text(message.footer),
      media: message.hasMedia === true ? mediaOf(message, messageId) : undefined,
      buttons: buttons.length > 0 ? buttons : undefined,
    }),
  };
}

const BUTTON_KINDS: readonly MessageButton["kind"][] = ["reply", "url", "call", "copy", "row", "other"];

/** `buttons` is Kabar's own list; stock servers have `dynamicReplyButtons`. */
function buttonsOf(message: Loose): readonly MessageButton[] {
  const own = records(message.buttons);
  if (own.length === 0) {
    return records(message.dynamicReplyButtons).map((button) => ({
      kind: "reply",
      text: text(record(button.buttonText).displayText) ?? "",
      ...present({ id: id(button.buttonId) }),
    }));
  }
  return own.map((button) => ({
    kind: BUTTON_KINDS.find((each) => each === button.kind) ?? "other",
    text: text(button.text) ?? "",
    ...present({
      id: id(button.id),
      url: text(button.url),
      phoneNumber: text(button.phoneNumber),
      code: text(button.code),
      description: text(button.description),
    }),
  }));
}

function eventOf(message: Loose): Content | undefined {
  const name = firstText(message.eventName, message.body);
  const startsAt = timeMs(message.eventStartTime);
  if (name === undefined || startsAt === undefined) return undefined;
  const place = record(message.eventLocation);
  return {
    kind: "event",
    name,
    startsAt,
    ...present({
      endsAt: timeMs(message.eventEndTime),
      description: text(message.eventDescription),
      place: firstText(place.name, place.description, message.eventLocation),
      link: text(message.eventJoinLink),
      canceled: message.isEventCanceled === true || undefined,
    }),
  };
}

const RESPONSES = ["going", "not_going", "maybe"] as const;

function responseOf(message: Loose): Content | undefined {
  const eventMessageId = id(message.eventMessageId);
  if (eventMessageId === undefined) return undefined;
  const guests = number(message.extraGuests);
  return {
    kind: "event_response",
    eventMessageId,
    response: RESPONSES.find((each) => each === message.response) ?? null,
    ...present({ extraGuests: guests }),
    ...targetIn(message),
  };
}

function inviteOf(message: Loose): Content | undefined {
  const { inviteCode, inviteCodeExp, groupId, groupName } = record(message.inviteV4);
  const group = jidOf(groupId);
  const code = text(inviteCode);
  if (group === undefined || !isGroup(group) || code === undefined) return undefined;
  return {
    kind: "group_invite",
    group,
    name: text(groupName) ?? "",
    code,
    ...present({ expiresAt: timeMs(inviteCodeExp), text: text(message.body) }),
  };
}

function productOf(message: Loose): Content | undefined {
  const productId = id(message.productId);
  if (productId === undefined) return undefined;
  const data = record(message._data);
  const title = text(message.title) ?? "";
  const words = text(message.body);
  return {
    kind: "product",
    productId,
    title,
    ...present({
      description: text(message.description),
      price: thousandths(data.priceAmount1000),
      currency: text(data.currencyCode),
      url: text(data.url),
      seller: personalJidOf(message.businessOwnerJid),
      text: words === title ? undefined : words,
    }),
  };
}

function orderOf(message: Loose): Content | undefined {
  const orderId = id(message.orderId);
  if (orderId === undefined) return undefined;
  const data = record(message._data);
  const count = number(data.itemCount) ?? number(message.itemCount);
  return {
    kind: "order",
    orderId,
    itemCount: count !== undefined && count >= 0 ? Math.trunc(count) : 0,
    ...present({
      title: firstText(message.title, data.orderTitle),
      total: thousandths(data.totalAmount1000),
      currency: text(data.totalCurrencyCode),
      seller: personalJidOf(data.sellerJid),
      text: text(message.body),
      token: firstText(message.token, data.token),
      lines: linesIn(message.products),
      catalogId: id(message.catalogId),
    }),
  };
}

/** The lines of an order, if all of them can be read. */
function linesIn(products: unknown): readonly OrderLine[] | undefined {
  const lines = records(products).flatMap((product) => {
    const [productId, quantity] = [id(product.id), number(product.quantity)];
    if (productId === undefined || quantity === undefined) return [];
    const rest = present({ price: number(product.price), currency: text(product.currency) });
    return [{ id: productId, quantity: Math.max(0, Math.trunc(quantity)), ...rest }];
  });
  return lines.length > 0 && lines.length === records(products).length ? lines : undefined;
}

function pinOf(message: Loose): Content | undefined {
  const pinnedMessageId = id(message.messageId);
  if (pinnedMessageId === undefined) return undefined;
  return { kind: "pin", pinnedMessageId, pinned: message.pinned !== false, ...targetIn(message) };
}

/** WhatsApp counts money in thousandths of a currency's unit. */
function thousandths(value: unknown): number | undefined {
  const amount = number(value);
  return amount === undefined ? undefined : amount / 1000;
}
