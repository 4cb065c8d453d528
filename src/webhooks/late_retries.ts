import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { RetrySchedule } from "../store/webhooks.ts";
import { nextProbeAt } from "./probe_schedule.ts";

/** Failed deliveries that are made pending again in one go. */
export const REVIVE_BATCH = 200;
/** Pause between two such batches, so that live traffic comes first. */
export const REVIVE_PAUSE_MS = 250;
/** After the store refused to say what is due. */
const REST_MS = 60_000;

const log = logOf("webhooks");

export interface LateRetriesDeps {
  readonly deliveries: Pick<Deliveries, "failedDue" | "recover">;
  /** May deliveries of this webhook be tried again, and does its endpoint work, as far as is known? */
  readonly ready: (webhookId: WebhookId) => boolean;
  readonly poke: (webhookId: WebhookId) => void;
  /** Does it when it is the turn of the webhook's tenant. */
  readonly inTurn: <T>(webhookId: WebhookId, work: () => Promise<T>) => Promise<T>;
  readonly clock: Pick<Clock, "now" | "after">;
}

/**
 * Tries failed deliveries again whose endpoint took others meanwhile: each by itself, at its own times, for three days.
 * The store knows when (`dueAt` of a failed delivery); here is one timer per webhook, to the first of them.
 */
export interface LateRetries {
  /** A delivery of this webhook is to be tried again at that time, epoch ms. */
  expect(webhookId: WebhookId, at: number): void;
  /** Looks what is due; called again once a webhook is ready that was not. */
  look(webhookId: WebhookId): void;
  forget(webhookId: WebhookId): void;
  stop(): void;
}

export function createLateRetries({ deliveries, ready, poke, inTurn, clock }: LateRetriesDeps): LateRetries {
  const { now } = clock;
  const timers = new Map<WebhookId, { readonly at: number; readonly timer: Timer }>();
  const looking = new Set<WebhookId>();
  let stopped = false;

  function expect(webhookId: WebhookId, at: number): void {
    const known = timers.get(webhookId);
    if (stopped || (known !== undefined && known.at <= at)) return;
    known?.timer.cancel();
    timers.set(webhookId, { at, timer: clock.after(Math.max(0, at - now()), () => look(webhookId)) });
  }

  function look(webhookId: WebhookId): void {
    timers.get(webhookId)?.timer.cancel();
    timers.delete(webhookId);
    if (stopped || looking.has(webhookId) || !ready(webhookId)) return;
    looking.add(webhookId);
    inTurn(webhookId, () => tryDue(webhookId)).catch((error: unknown) => {
      log.error("recovery.failed", { webhook: webhookId, error: messageOf(error) });
      return now() + REST_MS;
    }).then((next) => {
      looking.delete(webhookId);
      if (next !== undefined) expect(webhookId, next);
    });
  }

  /** @returns When there is more to do, epoch ms. */
  async function tryDue(webhookId: WebhookId): Promise<number | undefined> {
    const at = now();
    const { numbers, nextDueAt } = await deliveries.failedDue(webhookId, at, REVIVE_BATCH);
    if (numbers.length > 0) {
      await deliveries.recover(numbers, { now: at, dueAt: at });
      poke(webhookId);
    }
    return numbers.length === REVIVE_BATCH ? at + REVIVE_PAUSE_MS : nextDueAt;
  }

  return {
    expect,
    look,
    forget(webhookId) {
      timers.get(webhookId)?.timer.cancel();
      timers.delete(webhookId);
    },
    stop() {
      stopped = true;
      for (const { timer } of timers.values()) timer.cancel();
    },
  };
}

/**
 * When a delivery that has just failed is to be tried again by itself, epoch ms: 5 min after it was given up, 30 min,
 * 2 h, 5 h, then every 12 h until 3 days are over. Undefined when it has been tried long enough.
 * @param delivery As it was before the attempt.
 * @param scale Multiplies every planned wait.
 */
export function nextTryAt(
  { createdAt, roundStart }: Pick<Delivery, "createdAt" | "roundStart">,
  { waitsMs }: RetrySchedule,
  now: number,
  scale: number,
): number | undefined {
  const planned = waitsMs.reduce((sum, waitMs) => sum + waitMs * scale, 0);
  const givenUpAt = roundStart === 0 ? now : createdAt + planned;
  return nextProbeAt(givenUpAt, now, scale);
}
