import type { proto } from "@whiskeysockets/baileys";
import type { ContactCard, Content, FlowAnswer } from "../../../events/content.ts";
import type { Jid } from "../../../events/person.ts";
import { businessOf, parsed } from "./business.ts";
import { mediaContent, mediaPartOf } from "./media.ts";
import { present } from "../../../events/present.ts";
import { thingOf } from "./structured.ts";
import { numberOf } from "./time.ts";
import { rawTypeOf } from "./unwrap.ts";

type Message = proto.IMessage;

/** What is known around a message that its content needs. */
export interface ContentFacts {
  /** Names the file of the message, when it has one. */
  readonly mediaId: string;
  /** The address by which somebody is known: by phone number where possible. */
  readonly addressFor: (jid: string) => Jid;
}

/**
 * What an unwrapped message says. Answers to polls and events are sealed, and opened elsewhere.
 * @returns Undefined when the message says nothing at all.
 */
export function contentOf(message: Message, { mediaId, addressFor }: ContentFacts): Content | undefined {
  const words = message.conversation || message.extendedTextMessage?.text || richText(message) ||
    commentText(message);
  if (words) return { kind: "text", text: words };
  const media = mediaPartOf(message);
  if (media !== undefined) return mediaContent(media, mediaId);
  return placeOf(message) ?? contactsOf(message) ?? pollOf(message) ?? replyOf(message) ??
    businessOf(message, mediaId) ?? thingOf(message, addressFor) ?? unknownOf(message);
}

/** The words of an answer of an AI, which comes in pieces with tables and pictures between them. */
function richText({ richResponseMessage: rich }: Message): string {
  const texts = (rich?.submessages ?? []).map(({ messageText }) => messageText);
  return texts.filter((text) => text).join("\n");
}

/** A comment on a message of a channel or a community that was not sealed. */
function commentText({ commentMessage }: Message): string | null | undefined {
  const { conversation, extendedTextMessage } = commentMessage?.message ?? {};
  return conversation || extendedTextMessage?.text;
}

function placeOf({ locationMessage, liveLocationMessage }: Message): Content | undefined {
  const place = locationMessage ?? liveLocationMessage;
  if (!place) return undefined;
  const live = Boolean(liveLocationMessage ?? locationMessage?.isLive);
  return {
    kind: "location",
    latitude: place.degreesLatitude ?? 0,
    longitude: place.degreesLongitude ?? 0,
    ...present({
      name: locationMessage?.name || liveLocationMessage?.caption || undefined,
      address: locationMessage?.address || undefined,
      live: live || undefined,
    }),
  };
}

function contactsOf({ contactMessage, contactsArrayMessage }: Message): Content | undefined {
  const cards = contactMessage ? [contactMessage] : contactsArrayMessage?.contacts;
  if (!cards) return undefined;
  const contacts = cards.map((card): ContactCard => ({
    displayName: card.displayName ?? "",
    vcard: card.vcard ?? "",
  }));
  return { kind: "contact", contacts };
}

function pollOf(message: Message): Content | undefined {
  const poll = pollCreationOf(message);
  if (!poll) return undefined;
  return {
    kind: "poll",
    question: poll.name ?? "",
    options: (poll.options ?? []).map(({ optionName }) => optionName ?? ""),
    selectableCount: poll.selectableOptionsCount ?? 0,
  };
}

/** The poll that an unwrapped message begins, in any of its versions (version 4 is an envelope). */
export function pollCreationOf(message: Message): proto.Message.IPollCreationMessage | null | undefined {
  return message.pollCreationMessage ?? message.pollCreationMessageV2 ?? message.pollCreationMessageV3 ??
    message.pollCreationMessageV5;
}

function replyOf(message: Message): Content | undefined {
  const { buttonsResponseMessage: button, listResponseMessage: list, templateButtonReplyMessage: template } =
    message;
  const flow = message.interactiveResponseMessage;
  const reply = (
    text: string | null | undefined,
    replyId: string | null | undefined,
    answer?: FlowAnswer,
  ): Content => ({
    kind: "reply",
    text: text || replyId || "",
    ...present({ replyId: replyId || undefined, flow: answer }),
  });
  if (button) return reply(button.selectedDisplayText, button.selectedButtonId);
  if (list) return reply(list.title || list.description, list.singleSelectReply?.selectedRowId);
  if (template) return reply(template.selectedDisplayText, template.selectedId);
  if (flow) {
    const { name, paramsJson } = flow.nativeFlowResponseMessage ?? {};
    const params = parsed(paramsJson);
    const id = tappedIn(params);
    // what was tapped is told by its id: everything else is what somebody filled in
    const answer = id === undefined && name && params !== undefined ? { name, params } : undefined;
    return reply(flow.body?.text, id, answer);
  }
  return undefined;
}

/** The id of the tapped button inside a native flow's answer, which is JSON made by another app. */
function tappedIn(params: unknown): string | undefined {
  if (typeof params !== "object" || params === null || !("id" in params)) return undefined;
  return typeof params.id === "string" ? params.id : undefined;
}

function unknownOf(message: Message): Content | undefined {
  const rawType = rawTypeOf(message);
  // an empty text is still a text
  if (rawType === "conversation" || rawType === "extendedTextMessage") return { kind: "text", text: "" };
  if (rawType === undefined) return undefined;
  // a business' code to log in with, which the main phone alone is given: nothing else comes
  const reason = message.placeholderMessage ? "masked" as const : undefined;
  return { kind: "unknown", rawType, ...present({ text: wordsIn(message) || undefined, reason }) };
}

/** Words inside kinds that have no content of their own here. */
function wordsIn(message: Message): string | null | undefined {
  const { requestPaymentMessage: request, sendPaymentMessage: payment, pollResultSnapshotMessage: result } =
    message;
  const note = request?.noteMessage ?? payment?.noteMessage;
  const snapshot = result ?? message.pollResultSnapshotMessageV3;
  const channel = message.newsletterAdminInviteMessage ?? message.newsletterFollowerInviteMessageV2;
  return note?.extendedTextMessage?.text || note?.conversation || message.invoiceMessage?.note ||
    message.statusQuotedMessage?.text || message.questionResponseMessage?.text ||
    message.statusQuestionAnswerMessage?.text || message.scheduledCallCreationMessage?.title ||
    message.stickerPackMessage?.caption || message.stickerPackMessage?.name ||
    [channel?.caption, channel?.newsletterName, channel?.newsletterJid].filter((line) => line).join("\n") ||
    [
      snapshot?.name,
      ...(snapshot?.pollVotes ?? []).map((vote) => `${vote.optionName}: ${numberOf(vote.optionVoteCount)}`),
    ].filter((line) => line).join("\n") ||
    [message.productMessage?.catalog?.title, message.productMessage?.catalog?.description]
      .filter((line) => line).join("\n");
}
