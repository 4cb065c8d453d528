import type { Delivery } from "../deliveries.ts";

const MOST = 10_000;

/** What does not change of a delivery while it is in hand, as far as its outcome needs it. */
export interface Fixed {
  readonly webhook_id: string;
  readonly device_id: string | null;
  readonly name: string;
  readonly created_at: number;
  readonly ordering_key: string | null;
  readonly recovering: boolean;
}

/** Remembers deliveries that were lately stored or claimed, so that recording their outcome need not ask for them. */
export class RecentDeliveries {
  readonly #known = new Map<number, Fixed>();

  remember(
    { number, webhookId, deviceId, name, createdAt, orderingKey, recovering }: Delivery,
  ): void {
    this.#known.set(number, {
      webhook_id: webhookId,
      device_id: deviceId,
      name,
      created_at: createdAt,
      ordering_key: orderingKey,
      recovering: recovering === true,
    });
    if (this.#known.size <= MOST) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  get(number: number): Fixed | undefined {
    return this.#known.get(number);
  }

  forget(number: number): void {
    this.#known.delete(number);
  }
}
