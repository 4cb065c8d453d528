import { InvalidError, messageOf, NotFoundError } from "../errors.ts";
import { deliveryNumberOf, type EventId, newId, type TenantId, type WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery, DeliveryFilter } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";

/** Deliveries that a replay makes pending in one go, and the pause after it: live traffic comes first. */
const BATCH = 100;
const PAUSE_MS = 100;
/** Counting stops here: what a dry run shows is then "at least". */
const COUNT_AT_MOST = 1_000_000;
const REPLAYS_KEPT = 100;

const log = logOf("webhooks");

/** A replay under way or done. */
export interface Replay {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly status: "running" | "done" | "failed";
  /** Deliveries made pending again so far. */
  readonly replayed: number;
  readonly startedAt: number;
}

export interface RedeliveryDeps {
  readonly deliveries: Pick<Deliveries, "get" | "list" | "count" | "revive">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly poke: (webhookId: WebhookId) => void;
  /** Somebody waits for this delivery. */
  readonly hurry: (webhookId: WebhookId, deliveryNumber: number) => Promise<void>;
  readonly now: () => number;
}

/** Sends again what was decided before: one delivery, one event's failures, or everything that a filter finds. */
export interface Redelivery {
  /**
   * A tenant's delivery.
   * @throws {NotFoundError} If there is none, or it is another tenant's.
   */
  find(tenantId: TenantId, id: string): Promise<Delivery>;
  /**
   * @throws {NotFoundError} If there is no such delivery.
   * @throws {InvalidError} If it is still pending, or its webhook takes no deliveries.
   */
  retry(tenantId: TenantId, id: string): Promise<Delivery>;
  /**
   * Retries all failed deliveries of one event.
   * @throws {NotFoundError} If there is none.
   */
  retryEvent(tenantId: TenantId, eventId: EventId): Promise<readonly Delivery[]>;
  count(filter: DeliveryFilter): Promise<number>;
  /** Starts in the background, oldest first. */
  replay(tenantId: TenantId, filter: DeliveryFilter): Replay;
  replayOf(tenantId: TenantId, id: string): Replay | undefined;
  stop(): void;
}

export function createRedelivery({ deliveries, webhookOf, poke, hurry, now }: RedeliveryDeps): Redelivery {
  const replays = new Map<string, Replay>();
  let stopped = false;

  function takesDeliveries(webhookId: WebhookId): boolean {
    const webhook = webhookOf(webhookId);
    return webhook !== undefined && webhook.status !== "disabled";
  }

  const revive = (numbers: readonly number[]) => deliveries.revive(numbers, { now: now(), dueAt: now() });

  async function reviveAtOnce(numbers: readonly number[]): Promise<readonly Delivery[]> {
    const revived = await revive(numbers);
    for (const { webhookId, number } of revived) await hurry(webhookId, number);
    return revived;
  }

  async function find(tenantId: TenantId, id: string): Promise<Delivery> {
    const number = deliveryNumberOf(id);
    const delivery = number === undefined ? undefined : await deliveries.get(number);
    if (delivery === undefined || delivery.tenantId !== tenantId) throw new NotFoundError("delivery", id);
    return delivery;
  }

  async function run(id: string, filter: DeliveryFilter): Promise<void> {
    const until = now(); // what is stored from now on is not history
    let after = 0;
    while (!stopped) {
      const page = await deliveries.list({ until, ...filter }, { limit: BATCH, after });
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.number;
      const chosen = page.filter(({ status, webhookId }) =>
        status !== "pending" && takesDeliveries(webhookId)
      );
      const revived = chosen.length === 0 ? [] : await revive(chosen.map(({ number }) => number));
      for (const webhookId of new Set(revived.map((delivery) => delivery.webhookId))) poke(webhookId);
      update(id, (replay) => ({ ...replay, replayed: replay.replayed + revived.length }));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    update(id, (replay) => ({ ...replay, status: "done" }));
  }

  function update(id: string, change: (replay: Replay) => Replay): void {
    const replay = replays.get(id);
    if (replay !== undefined) replays.set(id, change(replay));
  }

  return {
    find,

    async retry(tenantId, id) {
      const delivery = await find(tenantId, id);
      if (delivery.status === "pending") {
        throw new InvalidError("id", `Cannot retry "${id}": it is still pending`);
      }
      if (!takesDeliveries(delivery.webhookId)) {
        throw new InvalidError("id", `Cannot retry "${id}": its webhook is disabled or was removed`);
      }
      const [revived] = await reviveAtOnce([delivery.number]);
      return revived ?? delivery;
    },

    async retryEvent(tenantId, eventId) {
      const failed = await deliveries.list({ tenantId, eventId, status: "failed" }, { limit: 1000 });
      const chosen = failed.filter(({ webhookId }) => takesDeliveries(webhookId));
      if (chosen.length === 0) throw new NotFoundError("failed event", eventId);
      return await reviveAtOnce(chosen.map(({ number }) => number));
    },

    count: (filter) => deliveries.count(filter, COUNT_AT_MOST),

    replay(tenantId, filter) {
      const replay: Replay = { id: newId("rpl"), tenantId, status: "running", replayed: 0, startedAt: now() };
      replays.set(replay.id, replay);
      for (const old of replays.keys()) {
        if (replays.size <= REPLAYS_KEPT) break;
        replays.delete(old);
      }
      run(replay.id, { ...filter, tenantId }).catch((error: unknown) => {
        log.error("replay.failed", { replay: replay.id, error: messageOf(error) });
        update(replay.id, (failed) => ({ ...failed, status: "failed" }));
      });
      return replay;
    },

    replayOf(tenantId, id) {
      const replay = replays.get(id);
      return replay?.tenantId === tenantId ? replay : undefined;
    },

    stop() {
      stopped = true;
    },
  };
}
