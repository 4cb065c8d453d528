import type { Clock, Timer } from "../async/clock.ts";
import type { CounterOf, HitCounter } from "../async/hit_counter.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { RateCounts } from "../store/rate_counts.ts";

const log = logOf("fleet");

/** What the others count is known this soon, so a limit may be passed by what comes in that time. */
const EXCHANGE_EVERY_MS = 1_000;
/** How often this clock is compared with the store's. */
const COMPARE_EVERY_MS = 60_000;
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
  /** Counts by the store's clock from when it resolves on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Counts at once and in memory, and adds it to what other gateways count in one statement each second. Windows begin at
 * full multiples of their length, by the store's clock: with their own, gateways whose clocks are a minute apart would
 * count in different windows, and each would let in as much as all together may.
 */
export function createSharedHits({ rateCounts, clock }: {
  readonly rateCounts: Pick<RateCounts, "add" | "now">;
  readonly clock: Pick<Clock, "now" | "every">;
}): SharedHits {
  const counters = new Map<string, SharedCounter>();
  let timers: readonly Timer[] = [];
  let aheadMs = 0; // so much is the store's clock ahead of this one
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

  async function compareOnce(): Promise<void> {
    const askedAt = clock.now();
    const theirs = await rateCounts.now();
    aheadMs = theirs - Math.round((askedAt + clock.now()) / 2);
  }

  const compare = () =>
    compareOnce().catch((error) => log.warn("fleet.clock_not_compared", { error: messageOf(error) }));

  return {
    counterOf(name, windowMs) {
      const counter = counters.get(name) ??
        createSharedCounter(windowMs, { now: clock.now, aheadMs: () => aheadMs });
      counters.set(name, counter);
      return counter;
    },
    exchange,
    async start() {
      timers = [
        clock.every(EXCHANGE_EVERY_MS, () => void exchange()),
        clock.every(COMPARE_EVERY_MS, () => void compare()),
      ];
      await compare();
    },
    async stop() {
      for (const timer of timers) timer.cancel();
      await exchanging;
      await exchange();
    },
  };
}

interface SharedCounter extends HitCounter {
  /** The end of the window that runs, epoch ms of the store, and its keys with hits that the others do not know of. */
  untold(): { readonly endsAt: number; readonly keys: readonly (readonly [string, Counted])[] };
}

function createSharedCounter(
  windowMs: number,
  { now, aheadMs }: { readonly now: () => number; readonly aheadMs: () => number },
): SharedCounter {
  let keys = new Map<string, Counted>();
  let endsAt = 0; // by the store's clock

  function turn(): void {
    const at = now() + aheadMs();
    if (at < endsAt && at >= endsAt - windowMs) return;
    keys = new Map();
    endsAt = (Math.floor(at / windowMs) + 1) * windowMs;
  }

  return {
    of(key) {
      turn();
      const { own, told } = keys.get(key) ?? { own: 0, told: 0 };
      return { count: own + told, endsAt: endsAt - aheadMs() };
    },
    add(key, hits = 1) {
      turn();
      const counted = keys.get(key) ?? { own: 0, told: 0 };
      counted.own += hits;
      keys.set(key, counted);
      if (keys.size > MOST_KEYS) keys.delete(keys.keys().next().value!);
      return { count: counted.own + counted.told, endsAt: endsAt - aheadMs() };
    },
    untold() {
      turn();
      return { endsAt, keys: [...keys].filter(([, { own }]) => own !== 0) };
    },
  };
}
