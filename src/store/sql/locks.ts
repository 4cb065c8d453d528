// What a transaction locks, it locks in this order, so that no two ever wait for each other: rows that its works
// name (in the order of their keys), tenants, leases, orders of deliveries, deliveries. Claims begin with the orders.
import { type Database, send, type Work } from "./database.ts";

/** Lets works of other openings of the store that hold one of these names wait until the commit. */
export function* hold(db: Database, names: Iterable<string>): Work<void> {
  if (db.lockNames === undefined) return;
  const sorted = [...new Set(names)].sort();
  if (sorted.length > 0) yield* send(db.lockNames(sorted));
}

/** The name to hold while the order of a webhook's deliveries with an ordering key is decided. */
export function orderName(webhookId: string, orderingKey: string): string {
  return `order ${webhookId} ${orderingKey}`;
}
