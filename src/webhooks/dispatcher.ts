import { messageOf } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import { Renderings } from "../formats/request.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Alarm, Queue } from "../queue/queue.ts";
import type { Deliveries, Delivery, DeliveryState } from "../store/deliveries.ts";
import type { RetrySchedule, Webhook } from "../store/webhooks.ts";
import type { Attempts } from "./attempt.ts";
import { createFeed, type FeedDeps } from "./feed.ts";
import { type Job, Lane } from "./lane.ts";
import { isUnrenderable, type Outcome } from "./outcome.ts";
import { createRecorder } from "./recorder.ts";
import { scheduleOf } from "./retry.ts";
import { createSend } from "./sender.ts";
import { createSlots, type Slot } from "./slots.ts";
import { advance } from "./state.ts";
import { createSupply } from "./supply.ts";

/** Attempts whose outcome may wait for its commit, per request in flight. */
const UNRECORDED_PER_SLOT = 4;

const NO_RETRY: RetrySchedule = { waitsMs: [], jitter: 0 };

const log = logOf("webhooks");

/** What the rest of the gateway is told of each attempt. */
export interface AttemptReport {
  readonly webhook: Webhook;
  readonly delivery: Delivery;
  readonly event: KabarEvent;
  readonly outcome: Outcome;
  readonly state: DeliveryState;
  /** The endpoint answered 410: it wants no more. */
  readonly gone: boolean;
}

export interface DispatcherDeps extends FeedDeps {
  readonly deliveries: FeedDeps["deliveries"] & Pick<Deliveries, "cancelPending">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly attempt: Attempts["attempt"];
  readonly queue: Pick<Queue, "enqueue">;
  readonly concurrency: number;
  /** Multiplies every planned wait. */
  readonly retryScale: number;
  readonly random: () => number;
  /** When a delivery that was given up is to be tried again by itself, epoch ms. */
  readonly recoverAt: (delivery: Delivery, event: KabarEvent, outcome: Outcome) => number | undefined;
  /** One attempt only, whatever the schedule says. */
  readonly once: (delivery: Delivery, event: KabarEvent) => boolean;
  readonly onAttempt: (report: AttemptReport) => void;
}

/**
 * Gets deliveries to their endpoints: a fair round over one lane per webhook, with a bound on requests in flight. The
 * store decides who may try what (claims); the dispatcher only ever holds a bounded part of it in memory.
 */
export interface Dispatcher {
  reserve(webhook: Webhook): boolean;
  unreserve(webhookId: WebhookId): void;
  take(event: KabarEvent, deliveries: readonly Delivery[], claimed: readonly boolean[]): void;
  /** A delivery falls due, an alarm says. */
  wake(alarm: Alarm): Promise<void>;
  /** The store may hold due deliveries of this webhook. */
  poke(webhookId: WebhookId): void;
  /** Somebody waits for this delivery: it goes before others, also to an endpoint that is being spared. */
  hurry(webhookId: WebhookId, deliveryNumber: number): Promise<void>;
  /** A webhook was changed, paused, or removed. */
  changed(webhookId: WebhookId): void;
  /** Requests in flight and deliveries in memory. */
  load(): { readonly inFlight: number; readonly held: number };
  /** Starts nothing new, waits up to `graceMs` for what is in flight, then breaks it off. */
  stop(graceMs: number): Promise<void>;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { deliveries, queue, now, random, retryScale } = deps;
  const feed = createFeed(deps);
  const recorder = createRecorder({ deliveries, now, onRested: pump });
  const supply = createSupply({
    feed,
    deliveries,
    now,
    onWork(lane) {
      enter(lane);
      pump();
    },
    refused: recorder.refused,
  });
  const send = createSend({ attempt: deps.attempt, now });
  const lanes = new Map<WebhookId, Lane>();
  const round: Lane[] = [];
  const slots = createSlots({ concurrency: deps.concurrency, now, onFree: pump });
  const abort = new AbortController();
  const mostUnrecorded = deps.concurrency * UNRECORDED_PER_SLOT;
  let running = 0;
  let whenIdle: (() => void) | undefined;
  let stopped = false;

  function laneOf(webhookId: WebhookId): Lane | undefined {
    const known = lanes.get(webhookId);
    if (known !== undefined) return known;
    const webhook = deps.webhookOf(webhookId);
    if (webhook === undefined) return undefined;
    const lane = new Lane(webhook);
    lanes.set(webhookId, lane);
    return lane;
  }

  function enter(lane: Lane): void {
    if (lane.queued || !lane.runnable(now())) return;
    lane.queued = true;
    round.push(lane);
  }

  function pump(): void {
    while (round.length > 0 && !stopped && !recorder.resting() && recorder.waiting() < mostUnrecorded) {
      const slot = slots.acquire();
      if (slot === undefined) return;
      const lane = round.shift()!;
      lane.queued = false;
      const job = lane.start(now());
      if (job === undefined) {
        slot.release();
        continue;
      }
      enter(lane);
      running++;
      run(lane, job, slot).catch(recorder.refused).then(() => {
        if (--running === 0) whenIdle?.();
      });
    }
  }

  async function run(lane: Lane, job: Job, slot: Slot): Promise<void> {
    const { delivery, event } = job;
    const { webhook } = lane;
    const number = delivery.attempts + 1;
    const outcome = await send(job, webhook, abort.signal);
    slot.release();
    if (!outcome.ok && outcome.reason === "aborted") {
      lane.abandoned(); // the request was broken off by our own stop: it counts for nothing
      feed.release(delivery.number);
      return;
    }
    if (isUnrenderable(outcome)) lane.abandoned(); // the endpoint has no part in it
    else supply.giveBack(lane, lane.ended(outcome, now(), retryScale));
    waitForProbe(lane);
    enter(lane);
    const made = { attempts: delivery.attempts - delivery.roundStart };
    const { state: step, gone } = advance(made, outcome, {
      schedule: deps.once(delivery, event) ? NO_RETRY : scheduleOf(webhook),
      scale: retryScale,
      random,
      now: now(),
    });
    const state = step.status === "failed"
      ? { ...step, recoverAt: gone ? undefined : deps.recoverAt(delivery, event, outcome) }
      : step;
    const recorded = await recorder.record(delivery, outcome, state);
    feed.release(delivery.number);
    pump();
    void supply.fetchMore(lane);
    if (!recorded) return;
    deps.onAttempt({ webhook, delivery, event, outcome, state, gone });
    if (state.status === "pending") ring(delivery, number + 1, state.dueAt);
    else {
      if (delivery.orderingKey !== null) supply.fetchKey(lane, delivery.orderingKey);
      deps.onDecided({
        deliveryNumber: delivery.number,
        status: state.status,
        attempts: number,
        statusCode: outcome.statusCode,
        error: outcome.ok ? null : outcome.error,
        response: outcome.response,
      });
    }
  }

  function ring(delivery: Delivery, attempt: number, dueAt: number): void {
    const delayMs = Math.max(0, dueAt - now()) + 1;
    queue.enqueue({ deliveryNumber: delivery.number, attempt }, { delayMs }).catch(
      // The store knows when it is due, and the sweep looks there.
      (error: unknown) => log.warn("alarm.not_set", { error: messageOf(error) }),
    );
  }

  /** When the breaker opens, nothing is tried until its cool-down is over. */
  function waitForProbe(lane: Lane): void {
    const { breaker, webhook } = lane;
    const waits = breaker.state === "open" && now() < breaker.until;
    if (waits && lanes.get(webhook.id) === lane) supply.lookAt(lane, breaker.until);
  }

  return {
    reserve: (webhook) => !stopped && (laneOf(webhook.id)?.reserve(now()) ?? false),
    unreserve: (webhookId) => lanes.get(webhookId)?.unreserve(),

    take(event, stored, claimed) {
      const shared = stored.length > 1 ? new Renderings() : undefined;
      stored.forEach((delivery, index) => {
        const lane = laneOf(delivery.webhookId);
        if (lane === undefined) return supply.cancelAll(delivery.webhookId);
        if (claimed[index]) {
          lane.unreserve();
          feed.hold(delivery.number);
          supply.admit(lane, [{ delivery, event, shared }]);
        } else if (delivery.orderingKey !== null) supply.fetchKey(lane, delivery.orderingKey);
        else {
          lane.behind = true;
          void supply.fetchMore(lane);
        }
      });
      pump();
    },

    async wake({ deliveryNumber }) {
      if (stopped) return;
      try {
        const delivery = await feed.one(deliveryNumber);
        if (delivery === undefined) return; // a late or repeated alarm
        const lane = laneOf(delivery.webhookId);
        if (lane !== undefined && lane.open(now()) && lane.room > 0) {
          supply.admit(lane, await feed.jobsOf([delivery]));
        } else {
          if (lane !== undefined) lane.behind = true;
          await feed.giveBack([deliveryNumber], delivery.dueAt);
        }
      } catch (error) {
        recorder.refused(error); // the sweep finds it again
      }
    },

    poke(webhookId) {
      const lane = laneOf(webhookId);
      if (lane !== undefined && !stopped) supply.look(lane);
    },

    async hurry(webhookId, deliveryNumber) {
      const lane = laneOf(webhookId);
      if (lane === undefined || stopped) return;
      lane.probeNow(now());
      try {
        const mayPass = lane.webhook.ordering === "none";
        if (mayPass && !lane.moveFirst(deliveryNumber)) {
          const delivery = await feed.one(deliveryNumber);
          const claimed = delivery === undefined ? [] : [delivery];
          for (const job of await feed.jobsOf(claimed)) lane.pushFirst(job);
        }
        supply.look(lane);
      } catch (error) {
        recorder.refused(error); // the sweep finds it again
      }
    },

    changed(webhookId) {
      const webhook = deps.webhookOf(webhookId);
      const lane = lanes.get(webhookId);
      if (webhook === undefined) {
        for (const { delivery } of lane?.drop() ?? []) feed.release(delivery.number);
        clearTimeout(lane?.timer);
        lanes.delete(webhookId);
        supply.cancelAll(webhookId);
        return;
      }
      if (lane === undefined) return;
      const was = lane.webhook;
      lane.webhook = webhook;
      if (webhook.status !== "active" || webhook.ordering !== was.ordering) {
        supply.giveBack(lane, lane.drop());
      }
      if (webhook.status === "active") this.poke(webhookId);
    },

    load: () => ({
      inFlight: slots.inFlight(),
      held: [...lanes.values()].reduce((sum, lane) => sum + lane.held, 0),
    }),

    async stop(graceMs) {
      stopped = true;
      recorder.stop();
      supply.stop();
      for (const lane of lanes.values()) clearTimeout(lane.timer);
      const timer = setTimeout(() => abort.abort(), graceMs);
      if (running > 0) await new Promise<void>((resolve) => whenIdle = resolve);
      clearTimeout(timer);
      slots.close();
    },
  };
}
