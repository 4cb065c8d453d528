import { mediaOf } from "../events/content.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import type { OutgoingContent } from "../whatsapp/outgoing.ts";

/**
 * What a stored message says, as a session sends it.
 * @param pathOf Where the file lies that goes out under this media id.
 * @throws {TypeError} If it is of a kind that is only ever received.
 */
export function outgoingOf(
  { content, context }: Pick<OutgoingMessage, "content" | "context">,
  pathOf: (mediaId: string) => string,
): OutgoingContent {
  if (context.forwardedId !== undefined) return { kind: "forward", messageId: context.forwardedId };
  switch (content.kind) {
    case "text":
    case "contact":
    case "poll":
      return content;
    case "location": {
      const { latitude, longitude, name, address } = content;
      return { kind: "location", latitude, longitude, name, address };
    }
    case "template":
      return { kind: "text", text: content.text ?? "" };
    case "image":
    case "video":
    case "audio":
    case "voice":
    case "document":
    case "sticker": {
      const { mediaId, mimeType, fileName, seconds, animated } = content.media;
      return {
        kind: content.kind,
        path: pathOf(mediaId),
        mimeType,
        caption: content.caption,
        fileName,
        seconds,
        ...(context.viewOnce ? { viewOnce: true } : {}),
        ...(content.kind === "video" && animated ? { gifPlayback: true } : {}),
      };
    }
    default:
      throw new TypeError(`Cannot send a message of kind "${content.kind}"`);
  }
}

/**
 * The media id of the file that goes out with a message; undefined when none does. One that is sent on stays where
 * WhatsApp has it, and is the first message's.
 */
export function mediaIdOf(
  { content, context }: Pick<OutgoingMessage, "content" | "context">,
): string | undefined {
  return context.forwardedId === undefined ? mediaOf(content)?.mediaId : undefined;
}
