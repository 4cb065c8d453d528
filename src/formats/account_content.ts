import { type Content, textOf } from "../events/content.ts";
import type { EventDevice } from "../events/event.ts";
import { mediaUrlOf } from "./naming.ts";
import { fieldsOf } from "./things.ts";
import { isoTime } from "./times.ts";

/** `content` of the format `account`: the keys depend on the kind of message. */
export function accountContent(
  content: Content,
  device: EventDevice | null,
): Readonly<Record<string, unknown>> {
  switch (content.kind) {
    case "text":
      return { text: content.text };
    case "location": {
      const { latitude, longitude, name = "", address = "" } = content;
      return { latitude, longitude, name, address };
    }
    case "contact": {
      const [first] = content.contacts;
      return {
        displayName: first?.displayName ?? "",
        vcard: first?.vcard ?? "",
        contacts: content.contacts.length > 1 ? content.contacts : undefined,
      };
    }
    case "poll":
      return {
        question: content.question,
        options: content.options,
        selectableCount: content.selectableCount,
      };
    case "poll_vote":
      return { pollMessageId: content.pollMessageId, options: content.options };
    case "reply":
      return { text: content.text, replyId: content.replyId };
    case "template":
      return { text: content.text ?? "", template: content.name };
    case "unknown":
      return { rawType: content.rawType };
    case "event":
    case "event_response":
    case "group_invite":
    case "product":
    case "order":
    case "pin":
      return { text: textOf(content), ...fieldsOf(content, isoTime) };
    default:
      return file(content, device);
  }
}

type File = Extract<Content, { readonly media: unknown }>;

/** `caption` is always there for what can have one, and `fileName` for a document. */
function file({ kind, media, caption }: File, device: EventDevice | null): Readonly<Record<string, unknown>> {
  const captioned = kind === "image" || kind === "video";
  return {
    caption: captioned ? caption ?? "" : caption,
    fileName: kind === "document" ? media.fileName ?? "document" : media.fileName,
    mimetype: media.mimeType,
    voice: kind === "voice" ? true : undefined,
    fileSize: media.sizeBytes,
    seconds: media.seconds,
    mediaId: media.mediaId,
    downloadUrl: mediaUrlOf(device, media),
  };
}
