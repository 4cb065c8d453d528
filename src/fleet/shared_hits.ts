import type { Clock, Timer } from "../async/clock.ts";
import type { CounterOf, HitCounter } from "../async/hit_counter.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { RateCounts } from "../store/rate_counts.ts";

const log = logOf("fleet");

/** What the others count is known this soon, so a limit may be passed by what comes in that time. */
const EXCHANGE_EVERY_MS = 1_000;
/** Keys that are told in one exchange, those with the most new hits first. */
const MOST_TOLD = 1_000;
/** Keys that a counter knows in one window: of more, the first are forgotten. */
const MOST_KEYS = 10_000;

/** Hits of a key in the window that runs. */
interface Counted {
  /** Not told yet. */
  own: number;
  /** What all gateways had told when it was last asked. */
  told: number;
}

/** Counters of one gateway that hold for all of them. */
export interface SharedHits {
  readonly counterOf: CounterOf;
  /** Tells the others what was counted here, and hears what they have counted. */
  exchange(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Counts at once and in memory, and adds it to what other gateways count in one statement each second. Windows begin at
 * full multiples of their length: clocks that differ only make the limit less exact.
 */
export function createSharedHits({ rateCounts, clock }: {
  readonly rateCounts: Pick<RateCounts, "add">;
  readonly clock: Pick<Clock, "now" | "every">;
}): SharedHits {
  const counters = new Map<string, SharedCounter>();
  let timer: Timer | undefined;
  let exchanging: Promise<void> | undefined;

  async function exchangeOnce(): Promise<void> {
    const news = [...counters].flatMap(([name, counter]) => {
      const { endsAt, keys } = counter.untold();
      return keys.map(([key, counted]) => ({ name, key, counted, endsAt }));
    }).toSorted((a, b) => b.counted.own - a.counted.own).slice(0, MOST_TOLD);
    if (news.length === 0) return;
    const rows = news.map(({ name, key, endsAt, counted }) => ({ name, key, endsAt, hits: counted.own }));
    const byKey = new Map(
      news.map((each, index) => [`${each.name} ${each.key}`, { ...each, ...rows[index] }]),
    );
    for (const { name, key, hits: told } of await rateCounts.add(rows)) {
      const { counted, hits } = byKey.get(`${name} ${key}`)!; // it answers what it was given
      counted.own -= hits;
      counted.told = told;
    }
  }

  function exchange(): Promise<void> {
    exchanging ??= exchangeOnce()
      .catch((error) => log.warn("fleet.hits_not_shared", { error: messageOf(error) })) // told the next time
      .finally(() => exchanging = undefined);
    return exchanging;
  }

  return {
    counterOf(name, windowMs) {
      const counter = counters.get(name) ?? createSharedCounter(windowMs, clock.now);
      counters.set(name, counter);
      return counter;
    },
    exchange,
    start() {
      timer = clock.every(EXCHANGE_EVERY_MS, () => void exchange());
    },
    async stop() {
      timer?.cancel();
      await exchanging;
      await exchange();
    },
  };
}

interface SharedCounter extends HitCounter {
  /** The end of the window that runs, epoch ms, and its keys with hits that the others do not know of. */
  untold(): { readonly endsAt: number; readonly keys: readonly (readonly [string, Counted])[] };
}

function createSharedCounter(windowMs: number, now: () => number): SharedCounter {
  let keys = new Map<string, Counted>();
  let endsAt = 0;

  function turn(): void {
    const at = now();
    if (at < endsAt && at >= endsAt - windowMs) return;
    keys = new Map();
    endsAt = (Math.floor(at / windowMs) + 1) * windowMs;
  }

  return {
    of(key) {
      turn();
      const { own, told } = keys.get(key) ?? { own: 0, told: 0 };
      return { count: own + told, endsAt };
    },
    add(key, hits = 1) {
      turn();
      const counted = keys.get(key) ?? { own: 0, told: 0 };
      counted.own += hits;
      keys.set(key, counted);
      if (keys.size > MOST_KEYS) keys.delete(keys.keys().next().value!);
      return { count: counted.own + counted.told, endsAt };
    },
    untold() {
      turn();
      return { endsAt, keys: [...keys].filter(([, { own }]) => own !== 0) };
    },
  };
}
