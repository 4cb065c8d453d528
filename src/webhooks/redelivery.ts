import { InvalidError, NotFoundError } from "../errors.ts";
import { deliveryNumberOf } from "./delivery_id.ts";
import { type EventId, type TenantId, type WebhookId } from "../ids.ts";
import type { Deliveries, Delivery } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";

export interface RedeliveryDeps {
  readonly deliveries: Pick<Deliveries, "get" | "list" | "revive">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  /** Somebody waits for this delivery. */
  readonly hurry: (webhookId: WebhookId, deliveryNumber: number) => Promise<void>;
  readonly now: () => number;
}

/** Sends again what was decided before: one delivery, or one event's failures. */
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
}

export function createRedelivery(deps: RedeliveryDeps): Redelivery {
  const { deliveries, webhookOf, hurry, now } = deps;

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

  return {
    find,

    async retry(tenantId, id) {
      const delivery = await find(tenantId, id);
      if (delivery.status === "pending") {
        throw new InvalidError("id", `Cannot retry "${id}": it is still pending`, {
          kind: "delivery_pending",
        });
      }
      if (!takesDeliveries(delivery.webhookId)) {
        const message = `Cannot retry "${id}": its webhook is disabled or was removed`;
        throw new InvalidError("id", message, { kind: "delivery_unwanted" });
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
  };
}
