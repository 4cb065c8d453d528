import { captionOf, mediaOf, textOf } from "../../events/content.ts";
import { addressOf } from "../../events/person.ts";
import type { Told } from "../../whatsapp/read_inbox.ts";
import { strangersName, strangersText } from "./untrusted.ts";

/** A message as assistants get it: `untrusted` where its words are somebody else's. */
export function messageForAssistant(told: Told): Readonly<Record<string, unknown>> {
  const { fromMe } = told.data;
  const about = {
    messageId: told.data.messageId,
    fromMe,
    from: addressOf(told.data.from),
    name: strangersName(told.data.from.pushName),
    untrusted: !fromMe,
  };
  switch (told.type) {
    case "message.received":
      return { ...about, what: "message", at: timeOf(told.data.sentAt), ...contentOf(told.data.content) };
    case "message.edited":
      return { ...about, what: "edit", at: timeOf(told.data.editedAt), ...contentOf(told.data.content) };
    case "message.deleted":
      return { ...about, what: "deletion", at: timeOf(told.data.deletedAt) };
    case "message.reaction":
      return {
        ...about,
        what: "reaction",
        at: timeOf(told.data.reactedAt),
        text: strangersText(told.data.emoji).text,
      };
  }
}

type Content = Extract<Told, { readonly type: "message.received" }>["data"]["content"];

function contentOf(content: Content) {
  const media = mediaOf(content);
  const file = media && {
    mediaId: media.mediaId,
    mimeType: media.mimeType,
    sizeBytes: media.sizeBytes ?? null,
    fileName: strangersName(media.fileName),
  };
  const words = textOf(content) ?? captionOf(content) ?? "";
  return { kind: content.kind, ...strangersText(words), ...(file === undefined ? {} : { file }) };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
