import { DAY_MS } from "../spans.ts";
import { logOf } from "../log.ts";
import type { Settings } from "../store/settings.ts";

const SEEN = "clock.seen";
const DOUBTED_SINCE = "clock.doubted_since";
/** A clock that is so much ahead of the last time that was seen may be wrong, and is believed after as long. */
const MOST_AHEAD_MS = DAY_MS;

const log = logOf("retention");

/**
 * Whether the clock can be relied on to delete by it. One that has jumped ahead by more than a day (a board without a
 * battery, a wrong answer from the network, but also a gateway that was off for long) is believed once it has gone on
 * for a day from there; until then nothing is old. What was seen is kept in the store.
 * @returns A function to ask before each pass.
 */
export function createBelievedClock({ settings, now }: {
  readonly settings: Settings;
  readonly now: () => number;
}): () => Promise<boolean> {
  const numberOf = async (name: string) => {
    const text = await settings.get(name);
    return text === undefined || text === "" ? undefined : Number(text);
  };

  return async () => {
    const at = now();
    const seen = await numberOf(SEEN);
    const doubtedSince = await numberOf(DOUBTED_SINCE);
    const isAhead = seen !== undefined && at - seen > MOST_AHEAD_MS;
    const isStillDoubted = doubtedSince === undefined || at < doubtedSince ||
      at - doubtedSince < MOST_AHEAD_MS;
    if (isAhead && isStillDoubted) {
      if (doubtedSince === undefined || at < doubtedSince) {
        await settings.set(DOUBTED_SINCE, String(at));
        log.warn("clock.doubted", {
          ahead: `${Math.round((at - seen) / DAY_MS)} days`,
          why: "nothing is pruned for a day",
        });
      }
      return false;
    }
    if (doubtedSince !== undefined) await settings.set(DOUBTED_SINCE, "");
    if (seen === undefined || at > seen || isAhead) await settings.set(SEEN, String(at));
    return true;
  };
}
