import { Buffer } from "node:buffer";
import { captionOf, type Content, type MediaDescriptor, wordsOf } from "../events/content.ts";
import { wamidOf } from "./cloud_ids.ts";
import { mimeTypeOf } from "./naming.ts";

/** A message's `type` and the object of the same name. */
export type CloudContent = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * A content in the Cloud API's words; kinds that Meta has no word for are `unsupported`, as Meta tells of them.
 * @param mediaId The id under which the file can be fetched from the Graph endpoints: digits, as at Meta.
 * @param quotedId The message that is answered: Meta's answers to buttons always name it.
 */
export function cloudContent(content: Content, mediaId: string, quotedId?: string): CloudContent {
  switch (content.kind) {
    case "text":
      return { type: "text", text: { body: content.text } };
    case "image":
    case "video":
      return { type: content.kind, [content.kind]: captioned(content, mediaId) };
    case "audio":
    case "voice":
      return { type: "audio", audio: { ...file(content.media, mediaId), voice: content.kind === "voice" } };
    case "document": {
      const filename = content.media.fileName ?? "document";
      return { type: "document", document: { ...captioned(content, mediaId), filename } };
    }
    case "sticker":
      return {
        type: "sticker",
        sticker: { ...file(content.media, mediaId), animated: content.media.animated === true },
      };
    case "location": {
      const { latitude, longitude, name, address } = content;
      return { type: "location", location: { latitude, longitude, name, address } };
    }
    case "contact":
      if (content.contacts.length === 0) return unsupported("contacts");
      return {
        type: "contacts",
        contacts: content.contacts.map(({ displayName, vcard }) => card(displayName, vcard)),
      };
    case "reply":
      return reply(content, quotedId);
    case "poll_vote": {
      const title = tappedIn(content);
      if (title === undefined) return unsupported("poll_update");
      const tapped = { id: content.chosen?.ids[0] ?? title, title };
      const interactive = content.chosen?.kind === "list"
        ? { type: "list_reply", list_reply: tapped }
        : { type: "button_reply", button_reply: tapped };
      return { type: "interactive", interactive };
    }
    default:
      return unsupported(unsupportedType(content));
  }
}

/**
 * What somebody chose in a poll of ours, which is how menus go out: one option; undefined for any other vote. Where
 * the poll was no menu, the option stands for an id.
 */
export function tappedIn(content: Content): string | undefined {
  if (content.kind !== "poll_vote" || content.targetFromMe !== true) return undefined;
  const [title, ...others] = content.options ?? [];
  return others.length > 0 ? undefined : title;
}

/** An order; without its lines where WhatsApp hands these out by the token only. */
export function cloudOrder(content: Extract<Content, { readonly kind: "order" }>): CloudContent {
  const { text, lines = [], catalogId = "" } = content;
  const items = lines.map(({ id, quantity, price, currency }) => ({
    product_retailer_id: id,
    quantity,
    item_price: price,
    currency,
  }));
  return { type: "order", order: { catalog_id: catalogId, text, product_items: items } };
}

/** The new content of an edited message as a message of its own, which every receiver can show. */
export function editedContent(content: Content, mediaId: string): CloudContent {
  return { type: "text", text: { body: `✎ ${wordsOf(content) ?? cloudContent(content, mediaId).type}` } };
}

function captioned(
  content: Extract<Content, { readonly media: MediaDescriptor; readonly caption?: string }>,
  mediaId: string,
) {
  return { ...file(content.media, mediaId), caption: captionOf(content) };
}

/** `sha256` is Base64 here, and always there: some receivers refuse a file without it. */
function file(media: MediaDescriptor, id: string) {
  const sha256 = media.sha256 === undefined ? "" : Buffer.from(media.sha256, "hex").toString("base64");
  return { id, mime_type: mimeTypeOf(media), sha256, url: media.url };
}

function reply(
  { text, replyId, flow }: Extract<Content, { readonly kind: "reply" }>,
  quotedId: string | undefined,
): CloudContent {
  if (flow !== undefined) {
    const json = typeof flow.params === "string" ? flow.params : JSON.stringify(flow.params ?? {});
    const nfm_reply = { name: flow.name, body: text, response_json: json };
    return { type: "interactive", interactive: { type: "nfm_reply", nfm_reply } };
  }
  if (replyId === undefined) return { type: "text", text: { body: text } };
  if (quotedId === undefined) return { type: "button", button: { payload: replyId, text } };
  return {
    type: "interactive",
    interactive: { type: "button_reply", button_reply: { id: replyId, title: text } },
  };
}

const UNSUPPORTED: Readonly<Partial<Record<Content["kind"], string>>> = {
  poll: "poll_creation",
  template: "hsm",
};

function unsupportedType(content: Content): string {
  if (content.kind === "unknown") return content.rawType === "" ? "unknown" : content.rawType;
  return UNSUPPORTED[content.kind] ?? content.kind;
}

function unsupported(type: string): CloudContent {
  const title = "Message type unknown";
  const details = "Message type is currently not supported.";
  return {
    type: "unsupported",
    unsupported: { type },
    errors: [{ code: 131051, title, message: title, error_data: { details } }],
  };
}

/** The last name and the first one, between semicolons without a backslash. @see RFC 2426, section 5 */
const NAMES = /^((?:\\.|[^\\;])*)(?:;((?:\\.|[^\\;])*))?/;

function unescaped(value: string): string {
  return value.replace(/\\([\\,;n])/gi, (_, sign: string) => sign.toLowerCase() === "n" ? " " : sign);
}

/** A vCard as Meta writes it out: names and phone numbers, and the card itself. */
function card(displayName: string, vcard: string) {
  const lines = vcard.split(/\r?\n/);
  const valueOf = (name: string) =>
    lines.find((line) => new RegExp(`^${name}(?:;[^:]*)?:`, "i").test(line))?.replace(/^[^:]*:/, "") ?? "";
  const [, last = "", first = ""] = NAMES.exec(valueOf("N")) ?? [];
  const formatted = unescaped(valueOf("FN")).trim() || displayName || "Unknown";
  const phones = lines.flatMap((line) => {
    const found = /^(?:item\d+\.)?TEL([^:]*):(.+)$/i.exec(line);
    if (found === null) return [];
    const waid = /waid=(\d+)/i.exec(found[1]!)?.[1];
    return [{ phone: found[2]!.trim(), type: "CELL", wa_id: waid }];
  });
  return {
    name: {
      formatted_name: formatted,
      first_name: unescaped(first).trim() || formatted,
      last_name: unescaped(last).trim() || undefined,
    },
    phones: phones.length > 0 ? phones : undefined,
    vcard: vcard === "" ? undefined : vcard,
  };
}

/** What a message answers, or that it was sent on; undefined for neither. */
export function cloudContext(
  { quoted, forwarded }: {
    readonly quoted?: { readonly messageId: string; readonly number?: string };
    readonly forwarded?: boolean;
  },
  needsId: boolean,
): Readonly<Record<string, unknown>> | undefined {
  if (quoted !== undefined) return { from: quoted.number, id: wamidOf(quoted.messageId) };
  if (needsId) return { id: "" };
  return forwarded === true ? { forwarded: true } : undefined;
}
