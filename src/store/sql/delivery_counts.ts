import type { Kysely } from "kysely";
import { type Batch, type Database, type Gathered, run, type Work } from "../database.ts";
import type { Deliveries } from "../deliveries.ts";
import { statusOf } from "./delivery_row.ts";
import { hot } from "./hot.ts";
import type { DeliveryRow, Tables } from "./tables.ts";

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

interface Change {
  readonly webhook: string;
  readonly hour: number;
  readonly device: string;
  readonly name: string;
  /** How many more there are, by status. */
  readonly more: number[];
  removed: boolean;
}

/** Adds up what the works of a transaction change in the counts, so that a busy hour is one row written per commit. */
export class Tally implements Gathered {
  readonly #queries: CountQueries;
  readonly #changes = new Map<string, Change>();

  private constructor(queries: CountQueries) {
    this.#queries = queries;
  }

  static of(batch: Batch, queries: CountQueries): Tally {
    return batch.gather(TALLY, () => new Tally(queries));
  }

  add(delivery: Counted, status: number): void {
    this.#changeOf(delivery).more[status]++;
  }

  move(delivery: Counted, from: number, to: number): void {
    const { more } = this.#changeOf(delivery);
    more[from]--;
    more[to]++;
  }

  /** Counts a delivery out that is removed from the history. */
  remove(delivery: Counted, status: number): void {
    const change = this.#changeOf(delivery);
    change.more[status]--;
    change.removed = true;
  }

  *flush(): Work<void> {
    for (const { webhook, hour, device, name, more, removed } of this.#changes.values()) {
      for (const [status, n] of more.entries()) {
        if (n !== 0) yield* run(this.#queries.add({ webhook, hour, device, name, status, n }));
      }
      if (removed) yield* run(this.#queries.dropEmpty({ webhook, hour, device, name }));
    }
  }

  #changeOf({ webhook_id: webhook, device_id, name, created_at }: Counted): Change {
    const hour = Math.floor(created_at / HOUR_MS);
    const device = device_id ?? "";
    const key = `${webhook} ${hour} ${device} ${name}`;
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = { webhook, hour, device, name, more: [0, 0, 0, 0], removed: false };
      this.#changes.set(key, change);
    }
    return change;
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
