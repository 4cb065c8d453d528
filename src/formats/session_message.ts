import { captionOf, type Content, mediaOf, type MessageContext, wordsOf } from "../events/content.ts";
import type { EventDevice } from "../events/event.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import { fileSizeOf, mediaUrlOf, mimeTypeOf } from "./naming.ts";
import { hasAuthor, webAddress, webId, webPerson } from "./session_address.ts";
import { fieldsOf, isStructured, type Structured } from "./structured.ts";
import { optionalSeconds, unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;

/** A message with all that its whatsapp-web.js form is made of. */
export interface WebMessageFacts {
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
  /** The phone handed it over as history. */
  readonly backfilled?: true;
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
 * the other side, null when our own address is not known. `mediaUrl` is an addition: where the file can be fetched; so
 * is `backfilled`.
 * @see whatsapp-web.js, `Message`
 */
export function webMessage(facts: WebMessageFacts): Data {
  const { content, context, chat, fromMe } = facts;
  const remote = webAddress(chat.jid);
  const mine = ownAddress(facts);
  const sender = facts.from === null ? mine ?? undefined : webPerson(facts.from);
  const author = hasAuthor(chat) ? sender : undefined;
  const media = mediaOf(content);
  const body = bodyOf(content);
  return {
    _data: rawData(facts, media && mimeTypeOf(media)),
    id: webId(fromMe, remote, facts.id, author),
    ack: 1,
    hasMedia: media !== undefined,
    body,
    type: content.kind === "contact" && content.contacts.length !== 1 ? "multi_vcard" : TYPES[content.kind],
    timestamp: unixSeconds(facts.at),
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
    groupMentions: (context.groupMentions ?? []).map(({ group, subject }) => ({
      groupSubject: subject,
      groupJid: group,
    })),
    isGif: content.kind === "video" && media?.animated === true,
    isEphemeral: context.expiresInSeconds !== undefined,
    links: linksIn(body),
    ...(content.kind === "reply" && { selectedButtonId: content.replyId }),
    ...(content.kind === "reply" && { flow: content.flow }),
    ...(content.kind === "template" && businessParts(content)),
    ...(content.kind === "poll" && {
      pollName: content.question,
      pollOptions: content.options.map((name, localId) => ({ name, localId })),
      allowMultipleAnswers: content.selectableCount !== 1,
    }),
    ...(isStructured(content) && structuredFields(content)),
    mediaUrl: media && mediaUrlOf(facts.device, media),
    backfilled: facts.backfilled,
  };
}

/** `dynamicReplyButtons` is what whatsapp-web.js has; `buttons` is ours, with links and codes as well. */
function businessParts({ header, footer, buttons }: Extract<Content, { kind: "template" }>): Data {
  return {
    title: header,
    footer,
    dynamicReplyButtons: buttons?.filter(({ kind }) => kind === "reply" || kind === "row").map((button) => ({
      buttonId: button.id ?? button.text,
      buttonText: { displayText: button.text },
      type: 1,
    })),
    buttons,
  };
}

/** What whatsapp-web.js has fields for in its `Message`; for the others, ours. */
function structuredFields(content: Structured): Data {
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
      return {
        orderId: content.orderId,
        token: content.token,
        title: content.title,
        products: content.lines,
        catalogId: content.catalogId,
      };
    case "event_response":
    case "pin": {
      const { author, ...fields } = fieldsOf(content, unixSeconds);
      return { ...fields, targetAuthor: typeof author === "string" ? webAddress(author) : undefined };
    }
  }
}

/** A file as whatsapp-web.js describes it, without its bytes: they are to be fetched from `url`. */
export function webMedia(content: Content, device: EventDevice | null): Data | undefined {
  const media = mediaOf(content);
  return media && {
    mimetype: mimeTypeOf(media),
    filename: media.fileName ?? null,
    filesize: fileSizeOf(media) ?? null,
    url: mediaUrlOf(device, media),
  };
}

function ownAddress({ me, from, fromMe }: WebMessageFacts): string | null {
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
    case "unknown":
      return wordsOf(content) ?? "";
    case "contact":
      return content.contacts.length === 1 ? content.contacts[0]!.vcard : "";
    default:
      return captionOf(content) ?? "";
  }
}

/** The part of whatsapp-web.js' raw model that applications read: who sent it, its file, and what it answers. */
function rawData({ from, content, context }: WebMessageFacts, mimetype: string | undefined): Data {
  const media = mediaOf(content);
  const { quoted } = context;
  return {
    notifyName: from?.pushName,
    mimetype,
    filename: media?.fileName,
    size: media && fileSizeOf(media),
    isViewOnce: context.viewOnce,
    ephemeralDuration: context.expiresInSeconds,
    lid: from?.lid ?? undefined,
    rawType: content.kind === "unknown" ? content.rawType : undefined,
    reason: content.kind === "unknown" ? content.reason : undefined,
    mentionedLids: context.mentionLids,
    nonJidMentions: context.mentionsAll === true ? 1 : undefined,
    association: context.association,
    quotedStanzaID: quoted?.messageId,
    quotedParticipant: quoted?.from ? webPerson(quoted.from) : undefined,
    quotedRemoteJid: quoted?.chatId === undefined ? undefined : webAddress(quoted.chatId),
    quotedMsg: quoted && { type: quoted.kind && TYPES[quoted.kind], body: quoted.text },
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
