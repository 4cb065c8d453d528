import type { Kysely } from "kysely";
import { type Batch, type Database, type Gathered, run, type Work } from "../database.ts";
import type { Deliveries } from "../deliveries.ts";
import { statusOf } from "./delivery_row.ts";
import { hot } from "./hot.ts";
import type { DeliveryCountRow, DeliveryRow, Tables } from "./tables.ts";

export const HOUR_MS = 3_600_000;

type Counted = Pick<DeliveryRow, "webhook_id" | "device_id" | "name" | "created_at">;
type CountQueries = ReturnType<typeof prepareCounts>;

/** Compiles the queries that keep the hourly counts. */
export function prepareCounts(build: Kysely<Tables>) {
  return {
    add: hot((
      p: { webhook: string; hour: number; device: string; name: string; status: number; n: number },
    ) =>
      build.insertInto("delivery_counts").values({
        webhook_id: p.webhook,
        hour: p.hour,
        device_id: p.device,
        name: p.name,
        status: p.status,
        count: p.n,
      }).onConflict((conflict) =>
        conflict.columns(["webhook_id", "hour", "device_id", "name", "status"]).doUpdateSet((eb) => ({
          count: eb("delivery_counts.count", "+", eb.ref("excluded.count")),
        }))
      )
    ),
    dropEmpty: hot((p: { webhook: string; hour: number; device: string; name: string }) =>
      build.deleteFrom("delivery_counts").where("webhook_id", "=", p.webhook).where("hour", "=", p.hour)
        .where("device_id", "=", p.device).where("name", "=", p.name).where("count", "=", 0)
    ),
  };
}

const TALLY = Symbol("tally");

/** Adds up what the works of a transaction change in the counts, so that a busy hour is one row written per commit. */
export class Tally implements Gathered {
  readonly #queries: CountQueries;
  readonly #changes = new Map<string, DeliveryCountRow>();
  readonly #removed = new Set<string>();

  private constructor(queries: CountQueries) {
    this.#queries = queries;
  }

  static of(batch: Batch, queries: CountQueries): Tally {
    return batch.gather(TALLY, () => new Tally(queries));
  }

  add(delivery: Counted, status: number, n: 1 | -1): void {
    this.#at(delivery, status)[1].count += n;
  }

  /** Counts a delivery out that is removed from the history. */
  remove(delivery: Counted, status: number): void {
    const [key, change] = this.#at(delivery, status);
    change.count--;
    this.#removed.add(key);
  }

  *flush(): Work<void> {
    for (const [key, change] of this.#changes) {
      const { webhook_id: webhook, hour, device_id: device, name, status, count } = change;
      if (count !== 0) yield* run(this.#queries.add({ webhook, hour, device, name, status, n: count }));
      if (this.#removed.has(key)) yield* run(this.#queries.dropEmpty({ webhook, hour, device, name }));
    }
  }

  #at({ webhook_id, device_id, name, created_at }: Counted, status: number): [string, DeliveryCountRow] {
    const hour = Math.floor(created_at / HOUR_MS);
    const device = device_id ?? "";
    const key = `${webhook_id} ${hour} ${device} ${status} ${name}`;
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = { webhook_id, hour, device_id: device, name, status, count: 0 };
      this.#changes.set(key, change);
    }
    return [key, change];
  }
}

export function createCounts(db: Database): Pick<Deliveries, "counts"> {
  return {
    counts: ({ webhookIds, deviceId, since }) =>
      db.read(function* () {
        let query = db.build.selectFrom("delivery_counts").select(["name", "status"])
          .select((eb) => eb.fn.sum<number>("count").as("count"))
          .where("hour", ">=", Math.floor(since / HOUR_MS))
          .groupBy(["name", "status"]);
        if (webhookIds !== undefined) query = query.where("webhook_id", "in", webhookIds);
        if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
        const rows = yield* run(query.compile());
        return rows.filter(({ count }) => count > 0)
          .map(({ name, status, count }) => ({ name, status: statusOf(status), count }));
      }),
  };
}
