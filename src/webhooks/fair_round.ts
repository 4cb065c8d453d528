import type { TenantId } from "../ids.ts";

/** Something that waits for a place: a webhook's lane, or a single request. */
export interface Waiting {
  readonly tenantId: TenantId;
  /** Where its request goes, such as `https://host:443`. */
  readonly origin: string;
}

/**
 * Whose turn it is: tenants first, one after another, then what each has waiting, in its order. So a tenant with four
 * hundred webhooks gets no more turns than one with a single webhook.
 */
export class FairRound<T extends Waiting> {
  /** In the order of their turns. */
  readonly #tenants = new Map<TenantId, T[]>();
  /** Those whose origin has as many requests of their tenant as it may; they take no turn. */
  readonly #parked = new Map<string, T[]>();
  #size = 0;

  /** How many could be taken, parked ones aside. */
  get size(): number {
    return this.#size;
  }

  /** Puts it behind what its tenant has waiting already. */
  add(item: T): void {
    const own = this.#tenants.get(item.tenantId);
    if (own === undefined) this.#tenants.set(item.tenantId, [item]);
    else own.push(item);
    this.#size++;
  }

  /** The next one of the first tenant that `mayStart`; undefined when there is none. */
  take(mayStart: (tenantId: TenantId) => boolean): T | undefined {
    for (const [tenantId, own] of this.#tenants) {
      if (!mayStart(tenantId)) continue;
      const item = own.shift()!;
      this.#size--;
      this.#tenants.delete(tenantId); // its next turn comes after everybody else's
      if (own.length > 0) this.#tenants.set(tenantId, own);
      return item;
    }
    return undefined;
  }

  /** Sets it aside until a request to its origin has ended. */
  park(item: T): void {
    const key = keyOf(item);
    const own = this.#parked.get(key);
    if (own === undefined) this.#parked.set(key, [item]);
    else own.push(item);
  }

  /** A request of the tenant to this origin has ended: one that waited for that takes its turn again. */
  unpark(ended: Waiting): void {
    const key = keyOf(ended);
    const own = this.#parked.get(key);
    const item = own?.shift();
    if (own?.length === 0) this.#parked.delete(key);
    if (item !== undefined) this.add(item);
  }
}

/** Names a tenant's requests to one origin. */
export function keyOf({ tenantId, origin }: Waiting): string {
  return `${tenantId} ${origin}`;
}
