import { RefusedError } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";

/** How a file is shown. */
export interface Playing {
  /** The recipient can open it only once. */
  readonly viewOnce?: boolean;
  /** A video plays by itself, over and over, without sound. */
  readonly gifPlayback?: boolean;
}

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
 * Refuses what WhatsApp does not do with files of this kind.
 * @throws {RefusedError} With the kinds that it does that with.
 */
export function checkPlaying(kind: MediaKind, { viewOnce, gifPlayback }: Playing): void {
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
