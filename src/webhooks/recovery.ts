import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";
import { nextProbeAt } from "./probe_schedule.ts";

/** Failed deliveries that are made pending again in one go while a recovered endpoint drains. */
const DRAIN_BATCH = 200;
/** Pause between two such batches, so that live traffic comes first. */
const DRAIN_PAUSE_MS = 250;

/** A timer takes no more; a wait that is scaled beyond ends early. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const log = logOf("webhooks");

export interface RecoveryDeps {
  readonly deliveries: Pick<Deliveries, "list" | "oldestFailed" | "revive">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly poke: (webhookId: WebhookId) => void;
  readonly now: () => number;
  /** Multiplies every planned wait. */
  readonly scale: number;
}

/**
 * Brings deliveries back that were given up because their endpoint was down: from time to time the endpoint is probed
 * with its oldest failed delivery, and once anything gets through, the others follow in order, each once. A delivery
 * that fails while others get through is not the endpoint's trouble: it stays failed until somebody retries it.
 */
export interface Recovery {
  /** Looks up which webhooks have failed deliveries and plans their probes. */
  start(webhookIds: readonly WebhookId[]): Promise<void>;
  /** A delivery was given up. */
  failed(delivery: Delivery): void;
  /** A delivery got through. */
  succeeded(delivery: Delivery): void;
  /** True: this delivery is a probe and gets one attempt only. */
  isProbe(delivery: Delivery): boolean;
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
  let stopped = false;

  function wanted(webhookId: WebhookId): boolean {
    const webhook = deps.webhookOf(webhookId);
    return !stopped && webhook !== undefined && webhook.recovery && webhook.status === "active";
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
    if (oldest === undefined) {
      outages.delete(webhookId);
      return;
    }
    outage.probe = oldest.number;
    await deliveries.revive([oldest.number], { now: now(), dueAt: now() });
    deps.poke(webhookId);
  }

  /** Goes through the failed deliveries once, oldest first. */
  async function drain(webhookId: WebhookId, outage: Outage): Promise<void> {
    outage.draining = true;
    let after = 0;
    while (wanted(webhookId) && outage.draining) {
      const batch = await deliveries.oldestFailed(webhookId, DRAIN_BATCH, after);
      const last = batch.at(-1);
      if (last === undefined) {
        if (outages.get(webhookId) === outage) outages.delete(webhookId);
        return;
      }
      after = last.number;
      await deliveries.revive(batch.map(({ number }) => number), { now: now(), dueAt: now() });
      deps.poke(webhookId);
      await new Promise((resolve) => setTimeout(resolve, DRAIN_PAUSE_MS));
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
        if (latest !== undefined) planProbe(webhookId, latest.updatedAt);
      }
    },

    failed(delivery) {
      const { webhookId, number } = delivery;
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

    isProbe: ({ webhookId, number }) => outages.get(webhookId)?.probe === number,

    forget(webhookId) {
      clearTimeout(outages.get(webhookId)?.timer);
      outages.delete(webhookId);
      lastSuccessAt.delete(webhookId);
    },

    stop() {
      stopped = true;
      for (const { timer } of outages.values()) clearTimeout(timer);
    },
  };
}
