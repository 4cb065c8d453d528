import { type Content } from "../../events/content.ts";
import { type Jid } from "../../events/person.ts";
import type { Device } from "../../store/devices.ts";
import type { Told } from "../../whatsapp/read_inbox.ts";
import type { Cx } from "../cx.ts";
import { jidShown } from "../parts/phone.ts";

/** Under whose name a conversation stands. */
export function nameOf(told: Told | undefined, chat: Jid): string {
  const from = told?.data.fromMe === false && told.data.chat.kind === "person"
    ? told.data.from.pushName
    : undefined;
  return from ?? jidShown(chat);
}

export function fileUrl(device: Device, { data }: Told): string {
  return `/ui/media/${device.id}/${encodeURIComponent(data.messageId)}`;
}

export function isPicture(told: Told): boolean {
  return told.type === "message.received" &&
    (told.data.content.kind === "image" || told.data.content.kind === "sticker");
}

export function quotedOf(told: Told): string | undefined {
  const quoted = told.type === "message.received" ? told.data.quoted : undefined;
  return quoted && (quoted.text ?? `[${quoted.kind ?? "…"}]`);
}

export function timeOf(told: Told): number {
  switch (told.type) {
    case "message.received":
      return told.data.sentAt;
    case "message.reaction":
      return told.data.reactedAt;
    case "message.edited":
      return told.data.editedAt;
    case "message.deleted":
      return told.data.deletedAt;
  }
}

/** The latest message in the list of chats; in a group with whoever wrote it. */
export function latestOf(told: Told, cx: Cx): string {
  const { chat, fromMe, from } = told.data;
  const author = chat.kind === "group" && !fromMe ? from.pushName : undefined;
  return author === undefined ? lineOf(told, cx) : `${author}: ${lineOf(told, cx)}`;
}

/** A message in one line or more, as a reader sees it. */
export function lineOf(told: Told, { t }: Cx): string {
  switch (told.type) {
    case "message.received":
      return textOf(told.data.content);
    case "message.reaction":
      return t.chats.reacted(told.data.emoji);
    case "message.edited":
      return `${t.chats.edited}: ${textOf(told.data.content)}`;
    case "message.deleted":
      return t.chats.deleted;
  }
}

export function textOf(content: Content): string {
  if (content.kind === "text") return content.text;
  const caption = "caption" in content && content.caption !== undefined ? `: ${content.caption}` : "";
  return `[${content.kind}${caption}]`;
}
