import { captionOf, type Content, mediaOf, type MessageContext, wordsOf } from "../events/content.ts";
import type { EventDevice } from "../events/event.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import { mediaUrlOf } from "./naming.ts";
import { webAddress, webId, webPerson } from "./session_address.ts";
import { fieldsOf } from "./things.ts";
import { optionalSeconds, unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/** A message with what is needed to tell of it. */
export interface Told {
  readonly id: string;
  readonly chat: Chat;
  /** Null when it is from us and our address is not known. */
  readonly from: Person | null;
  readonly fromMe: boolean;
  readonly me?: Jid;
  readonly at: number;
  readonly content: Content;
  readonly context: MessageContext;
  readonly device: EventDevice | null;
}

/** WhatsApp Web's words for kinds of content, as in whatsapp-web.js `MessageTypes`. */
const TYPES: Readonly<Record<Content["kind"], string>> = {
  text: "chat",
  image: "image",
  video: "video",
  audio: "audio",
  voice: "ptt",
  document: "document",
  sticker: "sticker",
  location: "location",
  contact: "vcard",
  poll: "poll_creation",
  poll_vote: "poll_vote",
  reply: "buttons_response",
  template: "hsm",
  event: "event_creation",
  event_response: "event_response",
  group_invite: "groups_v4_invite",
  product: "product",
  order: "order",
  pin: "pinned_message",
  unknown: "unknown",
};

/**
 * A message as whatsapp-web.js serialises its `Message`: `from` is the chat (`author` the person in a group), `to` is
 * the other side, null when our own address is not known. `mediaUrl` is an addition: where the file can be fetched.
 * @see whatsapp-web.js, `Message`
 */
export function webMessage(told: Told): Data {
  const { content, context, chat, fromMe } = told;
  const remote = webAddress(chat.jid);
  const mine = ownAddress(told);
  const sender = told.from === null ? mine ?? undefined : webPerson(told.from);
  const author = chat.kind === "group" || chat.kind === "broadcast" ? sender : undefined;
  const media = mediaOf(content);
  const body = bodyOf(content);
  return {
    _data: rawData(told, media?.mimeType),
    id: webId(fromMe, remote, told.id, author),
    ack: 1,
    hasMedia: media !== undefined,
    body,
    type: content.kind === "contact" && content.contacts.length !== 1 ? "multi_vcard" : TYPES[content.kind],
    timestamp: unixSeconds(told.at),
    from: fromMe ? mine : remote,
    to: fromMe ? remote : mine,
    author,
    isForwarded: context.forwarded ?? false,
    forwardingScore: context.forwarded === true ? 1 : 0,
    isStatus: chat.jid === "status@broadcast",
    isStarred: false,
    broadcast: chat.kind === "broadcast",
    fromMe,
    hasQuotedMsg: context.quoted !== undefined,
    hasReaction: false,
    duration: media?.seconds === undefined ? undefined : String(media.seconds),
    location: content.kind === "location" ? locationOf(content) : undefined,
    vCards: content.kind === "contact" ? content.contacts.map(({ vcard }) => vcard) : [],
    mentionedIds: (context.mentions ?? []).map(webAddress),
    groupMentions: [],
    isGif: content.kind === "video" && media?.animated === true,
    isEphemeral: context.expiresInSeconds !== undefined,
    links: linksIn(body),
    ...(content.kind === "reply" && { selectedButtonId: content.replyId }),
    ...(content.kind === "poll" && {
      pollName: content.question,
      pollOptions: content.options.map((name, localId) => ({ name, localId })),
      allowMultipleAnswers: content.selectableCount !== 1,
    }),
    ...thing(content),
    mediaUrl: media && mediaUrlOf(told.device, media),
  };
}

/** What whatsapp-web.js has fields for in its `Message`; for the others, ours. */
function thing(content: Content): Data {
  switch (content.kind) {
    case "event":
      return {
        eventName: content.name,
        eventDescription: content.description,
        eventStartTime: unixSeconds(content.startsAt),
        eventEndTime: optionalSeconds(content.endsAt),
        eventLocation: content.place === undefined ? undefined : { name: content.place },
        eventJoinLink: content.link,
        isEventCanceled: content.canceled ?? false,
      };
    case "group_invite": {
      const { group, name, code, expiresAt } = content;
      const inviteCodeExp = optionalSeconds(expiresAt);
      return { inviteV4: { inviteCode: code, inviteCodeExp, groupId: group, groupName: name } };
    }
    case "product": {
      const { productId, title, description, seller } = content;
      return { productId, title, description, businessOwnerJid: seller && webAddress(seller) };
    }
    case "order":
      return { orderId: content.orderId, title: content.title };
    case "event_response":
    case "pin":
      return fieldsOf(content, unixSeconds);
    default:
      return {};
  }
}

/** A file as whatsapp-web.js describes it, without its bytes: they are to be fetched from `url`. */
export function webMedia(content: Content, device: EventDevice | null): Data | undefined {
  const media = mediaOf(content);
  return media && {
    mimetype: media.mimeType,
    filename: media.fileName ?? null,
    filesize: media.sizeBytes ?? null,
    url: mediaUrlOf(device, media),
  };
}

function ownAddress({ me, from, fromMe }: Told): string | null {
  if (me !== undefined) return webAddress(me);
  return fromMe && from !== null ? webPerson(from) : null;
}

function bodyOf(content: Content): string {
  switch (content.kind) {
    case "text":
    case "reply":
      return content.text;
    case "template":
      return content.text ?? "";
    case "poll":
    case "event":
    case "group_invite":
    case "product":
    case "order":
      return wordsOf(content) ?? "";
    case "contact":
      return content.contacts.length === 1 ? content.contacts[0]!.vcard : "";
    default:
      return captionOf(content) ?? "";
  }
}

/** The part of whatsapp-web.js' raw model that applications read: who sent it, its file, and what it answers. */
function rawData({ from, content, context }: Told, mimetype: string | undefined): Data {
  const media = mediaOf(content);
  const { quoted } = context;
  return {
    notifyName: from?.pushName,
    mimetype,
    filename: media?.fileName,
    size: media?.sizeBytes,
    isViewOnce: context.viewOnce,
    lid: from?.lid ?? undefined,
    rawType: content.kind === "unknown" ? content.rawType : undefined,
    quotedStanzaID: quoted?.messageId,
    quotedParticipant: quoted?.from ? webPerson(quoted.from) : undefined,
    quotedMsg: quoted && { body: quoted.text },
    ctwaContext: context.referral,
  };
}

function locationOf(content: Extract<Content, { kind: "location" }>): Data {
  const { latitude, longitude, name, address } = content;
  const description = [name, address].filter((line) => line !== undefined).join("\n");
  return { latitude, longitude, name, address, description };
}

/** A link is suspicious when letters outside ASCII could make its host look like another one. */
function linksIn(body: string): readonly Data[] {
  if (!body.includes("://")) return [];
  return (body.match(/https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]]/gi) ?? []).map((link) => ({
    link,
    isSuspicious: !/^https?:\/\/[\x21-\x7e]*(?:[/?#]|$)/i.test(link),
  }));
}
