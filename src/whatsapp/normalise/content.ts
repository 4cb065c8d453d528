import type { proto } from "@whiskeysockets/baileys";
import type { ContactCard, Content } from "../../events/content.ts";
import { mediaContent, mediaPartOf } from "./media.ts";
import { present } from "./present.ts";
import { thingOf } from "./things.ts";
import { rawTypeOf } from "./unwrap.ts";

type Message = proto.IMessage;

/**
 * What an unwrapped message says. Answers to polls and events are sealed, and opened elsewhere.
 * @param messageId Names the file of the message, when it has one.
 * @returns Undefined when the message says nothing at all.
 */
export function contentOf(message: Message, messageId: string): Content | undefined {
  const words = message.conversation || message.extendedTextMessage?.text;
  if (words) return { kind: "text", text: words };
  const media = mediaPartOf(message);
  if (media !== undefined) return mediaContent(media, messageId);
  return placeOf(message) ?? contactsOf(message) ?? pollOf(message) ?? replyOf(message) ??
    templateOf(message) ?? thingOf(message) ??
    unknownOf(message);
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
  const reply = (text: string | null | undefined, replyId: string | null | undefined): Content => ({
    kind: "reply",
    text: text || replyId || "",
    ...present({ replyId: replyId || undefined }),
  });
  if (button) return reply(button.selectedDisplayText, button.selectedButtonId);
  if (list) return reply(list.title || list.description, list.singleSelectReply?.selectedRowId);
  if (template) return reply(template.selectedDisplayText, template.selectedId);
  if (flow) return reply(flow.body?.text, idOfFlow(flow.nativeFlowResponseMessage?.paramsJson));
  return undefined;
}

/** The id of the tapped button inside a native flow's answer, which is JSON made by another app. */
function idOfFlow(json: string | null | undefined): string | undefined {
  if (!json) return undefined;
  try {
    const id: unknown = JSON.parse(json)?.id;
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Messages with buttons that businesses send: what people read of them. */
function templateOf(message: Message): Content | undefined {
  const { templateMessage, buttonsMessage, listMessage, interactiveMessage, highlyStructuredMessage } =
    message;
  const template = (name: string | null | undefined, text: string | null | undefined): Content => ({
    kind: "template",
    name: name ?? "",
    ...present({ text: text || undefined }),
  });
  if (templateMessage) {
    const filled = templateMessage.hydratedTemplate ?? templateMessage.hydratedFourRowTemplate;
    const text = filled?.hydratedContentText ?? templateMessage.interactiveMessageTemplate?.body?.text;
    return template(templateMessage.templateId, text);
  }
  if (buttonsMessage) return template("buttons", buttonsMessage.contentText);
  if (listMessage) return template("list", listMessage.description || listMessage.title);
  if (interactiveMessage) return template("interactive", interactiveMessage.body?.text);
  if (highlyStructuredMessage) {
    const text = highlyStructuredMessage.hydratedHsm?.hydratedTemplate?.hydratedContentText;
    return template(highlyStructuredMessage.elementName, text);
  }
  return undefined;
}

function unknownOf(message: Message): Content | undefined {
  const rawType = rawTypeOf(message);
  // an empty text is still a text
  if (rawType === "conversation" || rawType === "extendedTextMessage") return { kind: "text", text: "" };
  return rawType === undefined ? undefined : { kind: "unknown", rawType };
}
