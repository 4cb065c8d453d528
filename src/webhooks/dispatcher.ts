import type { Clock } from "../async/clock.ts";
import { BusyError, messageOf } from "../errors.ts";
import type { KabarEvent } from "../events/event.ts";
import { Renderings } from "../formats/request.ts";
import type { TenantId, WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Alarm, Queue } from "../queue/queue.ts";
import type { Deliveries, Delivery, DeliveryState } from "../store/deliveries.ts";
import type { RetrySchedule, Webhook } from "../store/webhooks.ts";
import type { Attempts } from "./attempt.ts";
import { type ClaimedDeps, createClaimed } from "./claimed.ts";
import { FairRound, type Waiting } from "./fair_round.ts";
import { type Job, Lane, originOf } from "./lane.ts";
import { isUnrenderable, type Outcome } from "./outcome.ts";
import { createRecorder } from "./recorder.ts";
import { scheduleOf } from "./retry.ts";
import { createSend } from "./sender.ts";
import { createSlots, type Slot } from "./slots.ts";
import { advance } from "./state.ts";
import { createClaims } from "./claims.ts";

/** Attempts whose outcome may wait for its commit, per request in flight. */
const UNRECORDED_PER_SLOT = 4;

const NO_RETRY: RetrySchedule = { waitsMs: [], jitter: 0 };

const log = logOf("webhooks");

/** A single request that waits for a place. */
interface Borrower extends Waiting {
  lend(slot: Slot): void;
}

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

export interface DispatcherDeps extends Omit<ClaimedDeps, "now"> {
  readonly deliveries: ClaimedDeps["deliveries"] & Pick<Deliveries, "cancelPending">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly attempt: Attempts["attempt"];
  readonly queue: Pick<Queue, "enqueue">;
  readonly concurrency: number;
  /** Multiplies every planned wait. */
  readonly retryScale: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** When a delivery that was given up is to be tried again by itself, epoch ms. */
  readonly recoverAt: (delivery: Delivery, event: KabarEvent, outcome: Outcome) => number | undefined;
  /** One attempt only, whatever the schedule says. */
  readonly once: (delivery: Delivery, event: KabarEvent) => boolean;
  readonly onAttempt: (report: AttemptReport) => void;
}

/**
 * Gets deliveries to their endpoints: a fair round over tenants and over one lane per webhook, with bounds on requests
 * in flight. The store decides who may try what (claims); the dispatcher only ever holds a bounded part of it in
 * memory.
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
  /**
   * A place for a single request that is no delivery, in its turn.
   * @throws {BusyError} If there is none within `timeoutMs`, or the gateway stops.
   */
  borrow(tenantId: TenantId, url: string, timeoutMs: number): Promise<Slot>;
  /** Whether endpoints of the tenant that are answering have deliveries to wait for. */
  isBusy(tenantId: TenantId): boolean;
  /** Requests in flight and deliveries in memory. */
  load(): { readonly inFlight: number; readonly held: number };
  /** Starts nothing new, waits up to `graceMs` for what is in flight, then breaks it off. */
  stop(graceMs: number): Promise<void>;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { deliveries, queue, clock, random, retryScale } = deps;
  const { now } = clock;
  const inHand = createClaimed({ ...deps, now });
  const recorder = createRecorder({ deliveries, clock, onRested: pump });
  const claims = createClaims({
    claimed: inHand,
    deliveries,
    clock,
    onWork(lane) {
      enter(lane);
      pump();
    },
    refused: recorder.refused,
  });
  const send = createSend({ attempt: deps.attempt, now });
  const lanes = new Map<WebhookId, Lane>();
  const round = new FairRound<Lane | Borrower>();
  const slots = createSlots({ concurrency: deps.concurrency, clock, onFree: pump });
  const borrowers = new Set<() => void>();
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
    round.add(lane);
  }

  function pump(): void {
    while (round.size > 0 && !stopped && !recorder.resting() && recorder.waiting() < mostUnrecorded) {
      const next = round.take(slots.mayStart);
      if (next === undefined) return;
      if (!slots.mayReach(next)) {
        round.park(next);
        continue;
      }
      if ("lend" in next) {
        next.lend(slotFor(next));
        continue;
      }
      const lane = next;
      lane.queued = false;
      const job = lane.start(now());
      if (job === undefined) {
        round.unpark(lane); // it leaves its chance to another one
        continue;
      }
      const slot = slotFor(lane);
      enter(lane);
      running++;
      run(lane, job, slot).catch(recorder.refused).then(() => {
        if (--running === 0) whenIdle?.();
      });
    }
  }

  /** A place, which once it is free is offered to those that waited for its origin. */
  function slotFor({ tenantId, origin }: Waiting): Slot {
    const slot = slots.acquire({ tenantId, origin });
    return {
      release() {
        slot.release();
        round.unpark({ tenantId, origin });
      },
    };
  }

  async function run(lane: Lane, job: Job, slot: Slot): Promise<void> {
    const { delivery, event } = job;
    const { webhook } = lane;
    const number = delivery.attempts + 1;
    const outcome = await send(job, webhook, abort.signal);
    slot.release();
    if (!outcome.ok && outcome.reason === "aborted") {
      lane.abandoned(); // the request was broken off by our own stop: it counts for nothing
      inHand.release(delivery.number);
      return;
    }
    if (isUnrenderable(outcome)) lane.abandoned(); // the endpoint has no part in it
    else claims.giveBack(lane, lane.ended(outcome, now(), retryScale));
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
    inHand.release(delivery.number);
    pump();
    void claims.fetchMore(lane);
    if (!recorded) return;
    deps.onAttempt({ webhook, delivery, event, outcome, state, gone });
    if (state.status === "pending") ring(delivery, number + 1, state.dueAt);
    else {
      if (delivery.orderingKey !== null) claims.fetchKey(lane, delivery.orderingKey);
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
    if (waits && lanes.get(webhook.id) === lane) claims.lookAt(lane, breaker.until);
  }

  return {
    reserve: (webhook) => !stopped && (laneOf(webhook.id)?.reserve(now()) ?? false),
    unreserve: (webhookId) => lanes.get(webhookId)?.unreserve(),

    take(event, stored, claimed) {
      const shared = stored.length > 1 ? new Renderings() : undefined;
      stored.forEach((delivery, index) => {
        const lane = laneOf(delivery.webhookId);
        if (lane === undefined) return claims.cancelAll(delivery.webhookId);
        if (claimed[index]) {
          lane.unreserve();
          inHand.hold(delivery.number);
          claims.admit(lane, [{ delivery, event, shared }]);
        } else if (delivery.orderingKey !== null) claims.fetchKey(lane, delivery.orderingKey);
        else {
          lane.behind = true;
          void claims.fetchMore(lane);
        }
      });
      pump();
    },

    async wake({ deliveryNumber }) {
      if (stopped) return;
      try {
        const delivery = await inHand.one(deliveryNumber);
        if (delivery === undefined) return; // a late or repeated alarm
        const lane = laneOf(delivery.webhookId);
        if (lane !== undefined && lane.open(now()) && lane.room > 0) {
          claims.admit(lane, await inHand.jobsOf([delivery]));
        } else {
          if (lane !== undefined) lane.behind = true;
          await inHand.giveBack([deliveryNumber], delivery.dueAt);
        }
      } catch (error) {
        recorder.refused(error); // the sweep finds it again
      }
    },

    poke(webhookId) {
      const lane = laneOf(webhookId);
      if (lane !== undefined && !stopped) claims.look(lane);
    },

    async hurry(webhookId, deliveryNumber) {
      const lane = laneOf(webhookId);
      if (lane === undefined || stopped) return;
      try {
        if (lane.webhook.ordering !== "none") lane.probeNow(now()); // it may pass no other
        else if (!lane.hurry(deliveryNumber, now())) {
          const delivery = await inHand.one(deliveryNumber);
          const jobs = delivery === undefined ? [] : await inHand.jobsOf([delivery]);
          for (const job of jobs) {
            lane.push(job);
            lane.hurry(deliveryNumber, now()); // its breaker may have opened meanwhile
          }
          if (jobs.length === 0) lane.notFound(deliveryNumber);
        }
        claims.look(lane);
      } catch (error) {
        recorder.refused(error); // the sweep finds it again
      }
    },

    changed(webhookId) {
      const webhook = deps.webhookOf(webhookId);
      const lane = lanes.get(webhookId);
      if (webhook === undefined) {
        for (const { delivery } of lane?.drop() ?? []) inHand.release(delivery.number);
        lane?.timer?.cancel();
        lanes.delete(webhookId);
        claims.cancelAll(webhookId);
        return;
      }
      if (lane === undefined) return;
      const was = lane.webhook;
      lane.webhook = webhook;
      if (webhook.status !== "active" || webhook.ordering !== was.ordering) {
        claims.giveBack(lane, lane.drop());
      }
      if (webhook.status === "active") this.poke(webhookId);
    },

    borrow(tenantId, url, timeoutMs) {
      const { promise, resolve, reject } = Promise.withResolvers<Slot>();
      let waits = true;
      const refuse = () => {
        waits = false;
        timer.cancel();
        borrowers.delete(refuse);
        reject(new BusyError("Too many webhook requests are in flight: try again later", 5));
      };
      const timer = clock.after(timeoutMs, refuse);
      borrowers.add(refuse);
      round.add({
        tenantId,
        origin: originOf(url),
        lend(slot) {
          if (!waits) return slot.release();
          timer.cancel();
          borrowers.delete(refuse);
          resolve({
            release() {
              slot.release();
              pump();
            },
          });
        },
      });
      if (stopped) refuse();
      else pump();
      return promise;
    },

    isBusy: (tenantId) =>
      [...lanes.values()].some((lane) => lane.tenantId === tenantId && lane.isBusy(now())),
    load: () => ({
      inFlight: slots.inFlight(),
      held: [...lanes.values()].reduce((sum, lane) => sum + lane.held, 0),
    }),

    async stop(graceMs) {
      stopped = true;
      recorder.stop();
      claims.stop();
      for (const refuse of borrowers) refuse();
      for (const lane of lanes.values()) lane.timer?.cancel();
      const timer = clock.after(graceMs, () => abort.abort());
      if (running > 0) await new Promise<void>((resolve) => whenIdle = resolve);
      timer.cancel();
      slots.close();
    },
  };
}
