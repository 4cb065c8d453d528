import { type Content, mediaOf, wordsOf } from "../events/content.ts";

/** Characters a second of somebody who types on a phone with both thumbs, and how much slower or faster people are. */
const CHARACTERS_PER_SECOND = 5;
const SPREAD = 0.2;
const SHORTEST_MS = 1_000;
/** Nobody watches for longer, and a long text may be pasted. */
const LONGEST_MS = 30_000;

/** What a chat shows while a person makes this message. */
export function signOf({ kind }: Content): "composing" | "recording" {
  return kind === "voice" ? "recording" : "composing";
}

/**
 * How long a person would type this message, or speak it, ms.
 * @param random From 0 to 1.
 */
export function typingMs(content: Content, random: number): number {
  const spokenMs = content.kind === "voice" ? (mediaOf(content)?.seconds ?? 0) * 1_000 : 0;
  const typedMs = (wordsOf(content)?.length ?? 0) * 1_000 / CHARACTERS_PER_SECOND;
  const asPeopleDiffer = 1 - SPREAD + 2 * SPREAD * random;
  return Math.round(Math.min(Math.max(spokenMs, typedMs * asPeopleDiffer, SHORTEST_MS), LONGEST_MS));
}
