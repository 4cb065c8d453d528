import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";
import { LONGEST_TIMER_MS } from "../timers.ts";
import { nextProbeAt } from "./probe_schedule.ts";
import { scheduleOf } from "./retry.ts";
import { createStragglers, nextTryAt, REVIVE_BATCH, REVIVE_PAUSE_MS } from "./stragglers.ts";

/** Deliveries that are looked at to see how an endpoint does. */
const RECENT = 200;

const log = logOf("webhooks");

export interface RecoveryDeps {
  readonly deliveries: Pick<Deliveries, "failedDue" | "list" | "oldestFailed" | "revive">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly poke: (webhookId: WebhookId) => void;
  readonly now: () => number;
  /** Multiplies every planned wait. */
  readonly scale: number;
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
  /** A delivery got through. */
  succeeded(delivery: Delivery): void;
  /** When a delivery that is being given up is to be tried again by itself, epoch ms; undefined: never. */
  nextTryAt(delivery: Delivery): number | undefined;
  /** True: this delivery is a probe and gets one attempt only. */
  isProbe(delivery: Delivery): boolean;
  /** The webhook is active again. */
  resumed(webhookId: WebhookId): void;
  forget(webhookId: WebhookId): void;
  stop(): void;
}

interface Outage {
  /** When the endpoint was first given up, epoch ms. */
  readonly since: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  probe: number | undefined;
  draining: boolean;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { deliveries, now, scale } = deps;
  const outages = new Map<WebhookId, Outage>();
  const lastSuccessAt = new Map<WebhookId, number>();
  const stragglers = createStragglers({
    deliveries,
    ready: (webhookId) => wanted(webhookId) && !outages.has(webhookId),
    poke: deps.poke,
    now,
  });
  let stopped = false;

  function over(webhookId: WebhookId): void {
    outages.delete(webhookId);
    stragglers.look(webhookId);
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
    const outage = outages.get(webhookId) ?? { since, timer: undefined, probe: undefined, draining: false };
    if (outage.timer !== undefined || outage.probe !== undefined) return;
    const at = nextProbeAt(outage.since, now(), scale);
    if (at === undefined) {
      outages.delete(webhookId); // tried for three days: what is left is replayed by hand
      return;
    }
    outages.set(webhookId, outage);
    outage.timer = setTimeout(() => {
      outage.timer = undefined;
      attend(webhookId, probe(webhookId, outage));
    }, Math.min(Math.max(0, at - now()), LONGEST_TIMER_MS));
  }

  async function probe(webhookId: WebhookId, outage: Outage): Promise<void> {
    if (!wanted(webhookId)) {
      if (!stopped && deps.webhookOf(webhookId)?.recovery) planProbe(webhookId, outage.since); // its tenant is suspended
      return;
    }
    const [oldest] = await deliveries.oldestFailed(webhookId, 1);
    if (oldest === undefined) return over(webhookId);
    outage.probe = oldest.number;
    await deliveries.revive([oldest.number], { now: now(), dueAt: now() });
    deps.poke(webhookId);
  }

  /** Goes through the failed deliveries once, oldest first. */
  async function drain(webhookId: WebhookId, outage: Outage): Promise<void> {
    outage.draining = true;
    let after = 0;
    while (wanted(webhookId) && outage.draining) {
      const batch = await deliveries.oldestFailed(webhookId, REVIVE_BATCH, after);
      const last = batch.at(-1);
      if (last === undefined) {
        if (outages.get(webhookId) === outage) over(webhookId);
        return;
      }
      after = last.number;
      await deliveries.revive(batch.map(({ number }) => number), { now: now(), dueAt: now() });
      deps.poke(webhookId);
      await new Promise((resolve) => setTimeout(resolve, REVIVE_PAUSE_MS));
    }
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
      for (const webhookId of webhookIds.filter(wanted)) {
        // The latest one tells of the outage; there may be older ones that nobody will ever take.
        const [latest] = await deliveries.list({ webhookIds: [webhookId], status: "failed" }, { limit: 1 });
        if (latest !== undefined && !await takesOthers(latest)) planProbe(webhookId, latest.updatedAt);
        stragglers.look(webhookId);
      }
    },

    failed(delivery, recoverAt) {
      const { webhookId, number } = delivery;
      if (recoverAt !== undefined) stragglers.expect(webhookId, recoverAt);
      const outage = outages.get(webhookId);
      if (outage?.probe === number) outage.probe = undefined;
      const triedBefore = delivery.lastAttemptAt ?? delivery.createdAt;
      const othersGotThrough = (lastSuccessAt.get(webhookId) ?? 0) > triedBefore;
      if (othersGotThrough && outage === undefined) return;
      if (outage !== undefined && !othersGotThrough) outage.draining = false;
      if (wanted(webhookId) && !(outage?.draining)) planProbe(webhookId, now());
    },

    succeeded({ webhookId, number }) {
      lastSuccessAt.set(webhookId, now());
      const outage = outages.get(webhookId);
      if (outage === undefined || outage.draining) return;
      if (outage.probe === number) outage.probe = undefined;
      clearTimeout(outage.timer);
      outage.timer = undefined;
      attend(webhookId, drain(webhookId, outage));
    },

    nextTryAt(delivery) {
      const webhook = deps.webhookOf(delivery.webhookId);
      if (webhook === undefined || !webhook.recovery) return undefined;
      return nextTryAt(delivery, scheduleOf(webhook), now(), scale);
    },

    isProbe: ({ webhookId, number }) => outages.get(webhookId)?.probe === number,

    resumed: stragglers.look,

    forget(webhookId) {
      clearTimeout(outages.get(webhookId)?.timer);
      outages.delete(webhookId);
      lastSuccessAt.delete(webhookId);
      stragglers.forget(webhookId);
    },

    stop() {
      stopped = true;
      stragglers.stop();
      for (const { timer } of outages.values()) clearTimeout(timer);
    },
  };
}
