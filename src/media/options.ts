import { RefusedError } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";
import type { MediaOptions } from "../whatsapp/outgoing.ts";

const ONCE: ReadonlySet<MediaKind> = new Set(["image", "video", "audio", "voice"]);
const WORDS: Readonly<Record<MediaKind, string>> = {
  image: "an image",
  video: "a video",
  audio: "audio",
  voice: "a voice note",
  document: "a document",
  sticker: "a sticker",
};

/**
 * Checks the options of a file that is going to be sent.
 * @throws {RefusedError} If WhatsApp has no such option for this kind of file; the message names the kinds that have
 * it.
 */
export function checkMediaOptions(kind: MediaKind, { viewOnce, gifPlayback }: MediaOptions): void {
  if (viewOnce && !ONCE.has(kind)) {
    throw new RefusedError(
      "INVALID_MEDIA",
      `Cannot send ${WORDS[kind]} to be viewed once: only images, videos, audio and voice notes can be`,
    );
  }
  if (gifPlayback && kind !== "video") {
    throw new RefusedError("INVALID_MEDIA", `Cannot play ${WORDS[kind]} as a GIF: only a video can be`);
  }
}
