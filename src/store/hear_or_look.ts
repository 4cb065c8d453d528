import { ANYTHING, type News } from "./news.ts";

/** How often a listener looks for itself where the news of other openings are not heard, unless it says otherwise. */
const LOOK_EVERY_MS = 1_000;

export interface HearingDeps {
  readonly news: Pick<News, "hear" | "hearsOthers">;
  readonly clock: { every(ms: number, act: () => void): { cancel(): void } };
  /** Between two looks. */
  readonly everyMs?: number;
}

/**
 * Hears the news of a topic as `News.hear` does; where those of other openings are not heard, the listener is called
 * with `ANYTHING` now and then. For whoever acts on what others change.
 * @returns What stops it.
 */
export function hearOrLook(
  { news, clock, everyMs = LOOK_EVERY_MS }: HearingDeps,
  topic: string,
  listener: Parameters<News["hear"]>[1],
): () => void {
  const deaf = news.hear(topic, listener);
  const looking = news.hearsOthers ? undefined : clock.every(everyMs, () => listener(ANYTHING));
  return () => {
    looking?.cancel();
    deaf();
  };
}
