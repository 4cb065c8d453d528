import { type Deliveries, type Delivery, LEASE_MS } from "../store/deliveries.ts";
import type { Events } from "../store/events.ts";
import type { Decision } from "./decisions.ts";
import type { Job, Lane } from "./lane.ts";

export interface ClaimedDeps {
  readonly deliveries: Pick<Deliveries, "claim" | "claimDue" | "claimHeads" | "record" | "release">;
  readonly events: Pick<Events, "bySeq">;
  readonly now: () => number;
  readonly onDecided: (decision: Decision) => void;
}

/**
 * Brings deliveries from the store into the hands of the dispatcher and back. What is in hand is known by its number:
 * a lease that ran out meanwhile (a clock that jumped, a long wait) does not bring it a second time.
 */
export interface Claimed {
  /** A delivery that was stored as claimed. */
  hold(deliveryNumber: number): void;
  /** It was decided, or goes back. */
  release(deliveryNumber: number): void;
  /** Claims what a lane has room for: all that is due, or the heads of its keys. */
  next(lane: Lane): Promise<readonly Job[]>;
  /** Claims one delivery; undefined when there is nothing to do about it. */
  one(deliveryNumber: number): Promise<Delivery | undefined>;
  /** The jobs of claimed deliveries. */
  jobsOf(claimed: readonly Delivery[]): Promise<readonly Job[]>;
  giveBack(deliveryNumbers: readonly number[], dueAt: number): Promise<void>;
}

export function createClaimed({ deliveries, events, now, onDecided }: ClaimedDeps): Claimed {
  const inHand = new Set<number>();

  async function jobsOf(claimed: readonly Delivery[]): Promise<readonly Job[]> {
    const fresh = claimed.filter(({ number }) => !inHand.has(number));
    const found = await events.bySeq(fresh.map(({ eventSeq }) => eventSeq));
    const jobs: Job[] = [];
    for (const delivery of fresh) {
      const event = found.get(delivery.eventSeq);
      if (event === undefined) await giveUp(delivery);
      else {
        inHand.add(delivery.number);
        jobs.push({ delivery, event });
      }
    }
    return jobs;
  }

  /** What a delivery was to say is not kept any more: it can never be sent. */
  async function giveUp(delivery: Delivery): Promise<void> {
    const error = "The event is not kept any more";
    const at = now();
    const outcome = { startedAt: at, durationMs: 0, statusCode: null, error, response: null };
    const attempts = delivery.attempts + 1;
    await deliveries.record(
      { deliveryNumber: delivery.number, attempt: attempts, ...outcome },
      { status: "failed" },
      at,
    );
    onDecided({ deliveryNumber: delivery.number, status: "failed", attempts, ...outcome });
  }

  return {
    hold: (deliveryNumber) => void inHand.add(deliveryNumber),
    release: (deliveryNumber) => void inHand.delete(deliveryNumber),
    async next(lane) {
      const limit = lane.room;
      const keys = lane.behind ? undefined : [...lane.keysToFetch].slice(0, limit);
      for (const key of keys ?? lane.keysToFetch) lane.keysToFetch.delete(key);
      lane.behind = false; // before the query: what is stored meanwhile sets it again
      const at = { now: now(), leaseMs: LEASE_MS, limit };
      const claimed = lane.webhook.ordering === "none"
        ? await deliveries.claimDue(lane.webhook.id, at)
        : await deliveries.claimHeads(lane.webhook.id, keys === undefined ? at : { ...at, keys });
      if (claimed.length === limit && keys === undefined) lane.behind = true;
      return await jobsOf(claimed);
    },
    one: (deliveryNumber) => deliveries.claim(deliveryNumber, { now: now(), leaseMs: LEASE_MS }),
    jobsOf,
    giveBack(deliveryNumbers, dueAt) {
      for (const number of deliveryNumbers) inHand.delete(number);
      return deliveries.release(deliveryNumbers, dueAt);
    },
  };
}
