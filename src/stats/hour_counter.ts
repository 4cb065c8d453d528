import { HOUR_MS } from "../spans.ts";
import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import { logOf } from "../log.ts";
import { type AttemptHour, DURATION_ENDS_MS, type EventHour, type Hours } from "../store/hours.ts";
import type { AttemptReport } from "../webhooks/dispatcher.ts";

/**
 * Counts are written so often: a crash loses no more of them. Deliveries and events themselves are not counted on it.
 */
const FLUSH_EVERY_MS = 5_000;

const log = logOf("stats");

/** Counts what happens in each hour, in memory, and adds it to the store every few seconds. */
export interface HourCounter {
  event(event: Pick<KabarEvent, "tenantId" | "device" | "type" | "at">): void;
  attempt(report: Pick<AttemptReport, "webhook" | "delivery" | "outcome" | "event">): void;
  /** Writes what was counted; what cannot be written now is kept for the next time. */
  flush(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

type Counting<T> = { -readonly [K in keyof T]: T[K] extends readonly number[] ? number[] : T[K] };

export function createHourCounter({ hours, clock }: {
  readonly hours: Pick<Hours, "add">;
  readonly clock: Pick<Clock, "every">;
}): HourCounter {
  let attempts = new Map<string, Counting<AttemptHour>>();
  let events = new Map<string, Counting<EventHour>>();
  let timer: Timer | undefined;
  let flushing: Promise<void> = Promise.resolve();

  function countAttempts(added: AttemptHour): void {
    const key = `${added.webhookId} ${added.hour}`;
    const counted = attempts.get(key);
    if (counted === undefined) {
      attempts.set(key, { ...added, durations: [...added.durations] });
      return;
    }
    counted.first += added.first;
    counted.retried += added.retried;
    counted.failed += added.failed;
    added.durations.forEach((count, span) => counted.durations[span] += count);
  }

  function countEvents(added: EventHour): void {
    const key = `${added.tenantId} ${added.deviceId} ${added.type} ${added.hour}`;
    const counted = events.get(key);
    if (counted === undefined) events.set(key, { ...added });
    else counted.count += added.count;
  }

  async function write(): Promise<void> {
    if (attempts.size === 0 && events.size === 0) return;
    const counted = { attempts: [...attempts.values()], events: [...events.values()] };
    attempts = new Map();
    events = new Map();
    try {
      await hours.add(counted);
    } catch (error) {
      log.warn("stats.not_written", { error: messageOf(error) });
      counted.attempts.forEach(countAttempts);
      counted.events.forEach(countEvents);
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(write);
    return flushing;
  }

  return {
    event({ tenantId, device, type, at }) {
      countEvents({ tenantId, deviceId: device?.id ?? null, type, hour: hourOf(at), count: 1 });
    },
    attempt({ webhook, delivery, outcome, event }) {
      if (event.type === "webhook.test") return;
      const durations = DURATION_ENDS_MS.map(() => 0).concat(0);
      durations[spanOf(outcome.durationMs)] = 1;
      countAttempts({
        webhookId: webhook.id,
        hour: hourOf(outcome.startedAt),
        first: outcome.ok && delivery.attempts === 0 ? 1 : 0,
        retried: outcome.ok && delivery.attempts > 0 ? 1 : 0,
        failed: outcome.ok ? 0 : 1,
        durations,
      });
    },
    flush,
    start() {
      timer = clock.every(FLUSH_EVERY_MS, flush);
    },
    async stop() {
      timer?.cancel();
      await flush();
    },
  };
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS);
}

function spanOf(durationMs: number): number {
  const span = DURATION_ENDS_MS.findIndex((endMs) => durationMs <= endMs);
  return span === -1 ? DURATION_ENDS_MS.length : span;
}
