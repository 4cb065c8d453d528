import type { Clock, Timer } from "../async/clock.ts";
import type { FairPlaces } from "../async/fair_places.ts";
import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";
import { nextProbeAt, probesAfter } from "./probe_schedule.ts";
import { scheduleOf } from "./retry.ts";
import { createLateRetries, nextTryAt, REVIVE_BATCH, REVIVE_PAUSE_MS } from "./late_retries.ts";

/** Deliveries that are looked at to see how an endpoint does. */
const RECENT = 200;

const log = logOf("webhooks");

export interface RecoveryDeps {
  readonly deliveries: Pick<Deliveries, "failedDue" | "list" | "newestFailed" | "oldestFailed" | "recover">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly poke: (webhookId: WebhookId) => void;
  readonly clock: Pick<Clock, "now" | "after" | "wait">;
  /** Multiplies every planned wait. */
  readonly scale: number;
  /** Where deliveries are brought back in turns of the tenants. */
  readonly places: FairPlaces;
}

/**
 * Brings deliveries back that were given up because their endpoint was down: from time to time the endpoint is probed
 * with its oldest failed delivery, and once anything gets through, the others follow in order, each once. Deliveries
 * that fail while others get through are tried again one by one.
 */
export interface Recovery {
  /** Looks up which webhooks have failed deliveries and plans their probes. */
  start(webhookIds: readonly WebhookId[]): Promise<void>;
  /** A delivery was given up; `recoverAt`: when it is to be tried again by itself, epoch ms. */
  failed(delivery: Delivery, recoverAt: number | undefined): void;
  /** A delivery failed without its endpoint having a part in it: should it have been the probe, the next one is. */
  passedOver(delivery: Delivery): void;
  /** A delivery got through. */
  succeeded(delivery: Delivery): void;
  /** When a delivery that is being given up is to be tried again by itself, epoch ms; undefined: never. */
  nextTryAt(delivery: Delivery): number | undefined;
  /** What is under way for an endpoint that was given up; undefined: it was not, or all probes are over. */
  outageOf(webhookId: WebhookId): OutageState | undefined;
  /**
   * Probes an endpoint that was given up now, instead of at the next planned time. False: there is nothing to probe.
   */
  probeNow(webhookId: WebhookId): boolean;
  /** The webhook is active again. */
  resumed(webhookId: WebhookId): void;
  forget(webhookId: WebhookId): void;
  stop(): void;
}

/** An endpoint that was given up, and what is done about it. */
export interface OutageState {
  /** When it was first given up, epoch ms. */
  readonly since: number;
  readonly doing: "waiting" | "probing" | "draining";
  /** Epoch ms; null while it is probed or its deliveries drain. */
  readonly nextProbeAt: number | null;
  /** Probes that are still planned. */
  readonly probesLeft: number;
}

interface Outage {
  /** When the endpoint was first given up, epoch ms. */
  readonly since: number;
  timer: Timer | undefined;
  /** When the timer ends, epoch ms. */
  probeAt: number;
  probe: number | undefined;
  draining: boolean;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { deliveries, clock, scale } = deps;
  const { now } = clock;
  const outages = new Map<WebhookId, Outage>();
  const lastSuccessAt = new Map<WebhookId, number>();
  const lateRetries = createLateRetries({
    deliveries,
    ready: (webhookId) => wanted(webhookId) && !outages.has(webhookId),
    poke: deps.poke,
    inTurn,
    clock,
  });
  let stopped = false;

  /** One tenant's endpoints that come back, however many, hold up nobody else's. */
  function inTurn<T>(webhookId: WebhookId, work: () => Promise<T>): Promise<T> {
    return deps.places.run(deps.webhookOf(webhookId)?.tenantId ?? "", work);
  }

  function over(webhookId: WebhookId): void {
    outages.delete(webhookId);
    lateRetries.look(webhookId);
  }

  function wanted(webhookId: WebhookId): boolean {
    const webhook = deps.webhookOf(webhookId);
    return !stopped && webhook !== undefined && webhook.recovery && webhook.status === "active";
  }

  /** Did the endpoint take anything, of what is recent, after this one was made? */
  async function takesOthers({ webhookId, createdAt }: Delivery): Promise<boolean> {
    const recent = await deliveries.list({ webhookIds: [webhookId] }, { limit: RECENT });
    return recent.some(({ status, lastAttemptAt }) =>
      status === "success" && (lastAttemptAt ?? 0) > createdAt
    );
  }

  function planProbe(webhookId: WebhookId, since: number): void {
    const outage = outages.get(webhookId) ?? {
      since,
      timer: undefined,
      probeAt: 0,
      probe: undefined,
      draining: false,
    };
    if (outage.timer !== undefined || outage.probe !== undefined) return;
    const at = nextProbeAt(outage.since, now(), scale);
    if (at === undefined) {
      outages.delete(webhookId); // tried for three days: what is left is replayed by hand
      return;
    }
    outages.set(webhookId, outage);
    outage.probeAt = at;
    outage.timer = clock.after(Math.max(0, at - now()), () => {
      outage.timer = undefined;
      attend(webhookId, inTurn(webhookId, () => probe(webhookId, outage)));
    });
  }

  /** @param after Those up to this number cannot be sent. */
  async function probe(webhookId: WebhookId, outage: Outage, after = 0): Promise<void> {
    if (!wanted(webhookId)) {
      if (!stopped && deps.webhookOf(webhookId)?.recovery) planProbe(webhookId, outage.since); // its tenant is suspended
      return;
    }
    const [oldest] = await deliveries.oldestFailed(webhookId, 1, after);
    if (oldest === undefined) return over(webhookId);
    outage.probe = oldest.number;
    const recovering = await deliveries.recover([oldest.number], { now: now(), dueAt: now() });
    if (recovering > 0) return deps.poke(webhookId);
    outage.probe = undefined; // another gateway probes: what comes of it is seen at the next planned time
    planProbe(webhookId, outage.since);
  }

  /** Goes through the failed deliveries once, oldest first. */
  async function drain(webhookId: WebhookId, outage: Outage): Promise<void> {
    outage.draining = true;
    let after = 0;
    while (wanted(webhookId) && outage.draining) {
      const last = await inTurn(webhookId, () => recoverSome(webhookId, after));
      if (last === undefined) {
        if (outages.get(webhookId) === outage) over(webhookId);
        return;
      }
      after = last.number;
      deps.poke(webhookId);
      await clock.wait(REVIVE_PAUSE_MS);
    }
  }

  /** The last of those that it made pending again; undefined: there were none. */
  async function recoverSome(webhookId: WebhookId, after: number): Promise<Delivery | undefined> {
    const batch = await deliveries.oldestFailed(webhookId, REVIVE_BATCH, after);
    if (batch.length > 0) {
      await deliveries.recover(batch.map(({ number }) => number), { now: now(), dueAt: now() });
    }
    return batch.at(-1);
  }

  async function lookUp(webhookId: WebhookId): Promise<void> {
    // The latest one tells of the outage; there may be older ones that nobody will ever take.
    const latest = await deliveries.newestFailed(webhookId);
    if (latest !== undefined && !await takesOthers(latest)) planProbe(webhookId, latest.updatedAt);
  }

  function attend(webhookId: WebhookId, work: Promise<void>): void {
    work.catch((error: unknown) => {
      log.error("recovery.failed", { webhook: webhookId, error: messageOf(error) });
      const outage = outages.get(webhookId);
      if (outage !== undefined) outage.draining = false;
      if (wanted(webhookId)) planProbe(webhookId, now());
    });
  }

  return {
    async start(webhookIds) {
      await Promise.all(
        webhookIds.filter(wanted).map(async (webhookId) => {
          await inTurn(webhookId, () => lookUp(webhookId));
          lateRetries.look(webhookId);
        }),
      );
    },

    failed(delivery, recoverAt) {
      const { webhookId, number } = delivery;
      if (recoverAt !== undefined) lateRetries.expect(webhookId, recoverAt);
      const outage = outages.get(webhookId);
      if (outage?.probe === number) outage.probe = undefined;
      const triedBefore = delivery.lastAttemptAt ?? delivery.createdAt;
      const othersGotThrough = (lastSuccessAt.get(webhookId) ?? 0) > triedBefore;
      // One that recovers has times of its own, and says nothing new of its endpoint.
      if ((othersGotThrough || delivery.recovering) && outage === undefined) return;
      if (outage !== undefined && !othersGotThrough) outage.draining = false;
      if (wanted(webhookId) && !(outage?.draining)) planProbe(webhookId, now());
    },

    passedOver({ webhookId, number }) {
      const outage = outages.get(webhookId);
      if (outage?.probe !== number) return;
      outage.probe = undefined;
      attend(webhookId, inTurn(webhookId, () => probe(webhookId, outage, number)));
    },

    succeeded({ webhookId, number }) {
      lastSuccessAt.set(webhookId, now());
      const outage = outages.get(webhookId);
      if (outage === undefined || outage.draining) return;
      if (outage.probe === number) outage.probe = undefined;
      outage.timer?.cancel();
      outage.timer = undefined;
      attend(webhookId, drain(webhookId, outage));
    },

    nextTryAt(delivery) {
      const webhook = deps.webhookOf(delivery.webhookId);
      if (webhook === undefined || !webhook.recovery) return undefined;
      return nextTryAt(delivery, scheduleOf(webhook), now(), scale);
    },

    outageOf(webhookId) {
      const outage = outages.get(webhookId);
      if (outage === undefined) return undefined;
      const { since, timer, draining } = outage;
      const doing = draining ? "draining" : timer === undefined ? "probing" : "waiting";
      return {
        since,
        doing,
        nextProbeAt: doing === "waiting" ? outage.probeAt : null,
        probesLeft: probesAfter(since, now(), scale),
      };
    },

    probeNow(webhookId) {
      const outage = outages.get(webhookId);
      if (outage?.timer === undefined || !wanted(webhookId)) return false;
      outage.timer?.cancel();
      outage.timer = undefined;
      attend(webhookId, inTurn(webhookId, () => probe(webhookId, outage)));
      return true;
    },

    resumed: lateRetries.look,

    forget(webhookId) {
      outages.get(webhookId)?.timer?.cancel();
      outages.delete(webhookId);
      lastSuccessAt.delete(webhookId);
      lateRetries.forget(webhookId);
    },

    stop() {
      stopped = true;
      lateRetries.stop();
      for (const { timer } of outages.values()) timer?.cancel();
    },
  };
}
