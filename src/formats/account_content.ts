import { type Content, type MediaDescriptor, textOf } from "../events/content.ts";
import type { EventDevice } from "../events/event.ts";
import { fileSizeOf, mediaUrlOf, mimeTypeOf } from "./naming.ts";
import { fieldsOf, isStructured, targetFields, templateFields } from "./structured.ts";
import { isoTime } from "./times.ts";

/** `content` of the format `account`: the keys depend on the kind of message. */
export function accountContent(
  content: Content,
  device: EventDevice | null,
): Readonly<Record<string, unknown>> {
  if (isStructured(content)) return { text: textOf(content), ...fieldsOf(content, isoTime) };
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
      return {
        pollMessageId: content.pollMessageId,
        options: content.options,
        unknownOptions: content.unknownOptions,
        ...targetFields(content),
      };
    case "reply":
      return { text: content.text, replyId: content.replyId, flow: content.flow };
    case "template":
      return {
        text: content.text ?? "",
        ...templateFields(content),
        ...(content.media && descriptor(content.media, device)),
      };
    case "unknown":
      return { rawType: content.rawType, text: content.text, reason: content.reason };
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
    ...descriptor(media, device, kind === "voice" ? true : undefined),
  };
}

function descriptor(media: MediaDescriptor, device: EventDevice | null, voice?: true) {
  return {
    mimetype: mimeTypeOf(media),
    voice,
    fileSize: fileSizeOf(media),
    seconds: media.seconds,
    mediaId: media.mediaId,
    downloadUrl: mediaUrlOf(device, media),
  };
}
