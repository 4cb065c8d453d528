import { HOUR_MS } from "../../spans.ts";
import { type Kysely, sql } from "kysely";
import { type Batch, type Database, first, type Gathered, run, send, type Work } from "./database.ts";
import type { Deliveries } from "../deliveries.ts";
import { FAILED, INDEXED_AS_PENDING, literalStatus, PENDING, statusOf } from "./delivery_row.ts";
import { hot } from "./hot.ts";
import type { DeliveryRow, Tables } from "./tables.ts";

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
  /** The change that was asked for last: most deliveries of a commit are much like one another. */
  #latest: Change | undefined;

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
        if (n !== 0) yield* send(this.#queries.add({ webhook, hour, device, name, status, n }));
      }
      if (removed) yield* send(this.#queries.dropEmpty({ webhook, hour, device, name }));
    }
  }

  #changeOf({ webhook_id: webhook, device_id, name, created_at }: Counted): Change {
    const hour = Math.floor(created_at / HOUR_MS);
    const device = device_id ?? "";
    const latest = this.#latest;
    const isAlike = latest?.webhook === webhook && latest.hour === hour && latest.device === device &&
      latest.name === name;
    if (isAlike) return latest;
    const key = `${webhook} ${hour} ${device} ${name}`;
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = { webhook, hour, device, name, more: [0, 0, 0, 0], removed: false };
      this.#changes.set(key, change);
    }
    this.#latest = change;
    return change;
  }
}

/** The oldest pending delivery is looked for among so many of its webhook. */
const MOST_LOOKED_AT = 1_000;

export function createCounts(db: Database): Pick<Deliveries, "counts" | "backlog"> {
  const { build } = db;
  const undone = () =>
    // as the index has it
    build.selectFrom("delivery_counts").where("count", ">", sql.lit(0)).where(
      "status",
      "<>",
      literalStatus(1),
    );
  const sumsOf = hot((p: { webhookId: string }) =>
    undone().where("webhook_id", "=", p.webhookId).where("status", "in", [
      literalStatus(PENDING),
      literalStatus(FAILED),
    ]).select("status").select((eb) => eb.fn.sum<number>("count").as("count")).groupBy("status")
  );
  const sums = undone().where("status", "in", [literalStatus(PENDING), literalStatus(FAILED)]).select(
    "status",
  ).select((eb) => eb.fn.sum<number>("count").as("count"))
    .groupBy("status").compile();
  const oldestHour = undone().select(["hour", "webhook_id"]).where("status", "=", literalStatus(PENDING))
    .orderBy("hour").limit(sql.lit(1)).compile();
  const oldestOf = hot((p: { webhookId: string }) =>
    build.selectFrom(
      build.selectFrom("deliveries").select("created_at").where("webhook_id", "=", p.webhookId)
        .where("status", "=", literalStatus(PENDING)).where(INDEXED_AS_PENDING)
        .where("round_start", ">=", sql.lit(0)).limit(sql.lit(MOST_LOOKED_AT)).as("pending"),
    ).select((eb) => eb.fn.min<number | null>("created_at").as("at"))
  );

  return {
    backlog: (webhookId) =>
      db.read(function* () {
        const counts = new Map<number, number>();
        const summing = webhookId === undefined ? sums : sumsOf({ webhookId });
        for (const { status, count } of yield* run(summing)) counts.set(status, count);
        if (webhookId !== undefined) {
          const pending = counts.get(PENDING) ?? 0;
          const oldest = pending === 0 ? undefined : yield* first(oldestOf({ webhookId }));
          return { pending, failed: counts.get(FAILED) ?? 0, oldestPendingAt: oldest?.at ?? null };
        }
        const oldest = yield* first(oldestHour);
        const found = oldest && (yield* first(oldestOf({ webhookId: oldest.webhook_id })))?.at;
        const endOfHour = oldest === undefined ? 0 : (oldest.hour + 1) * HOUR_MS;
        return {
          pending: counts.get(PENDING) ?? 0,
          failed: counts.get(FAILED) ?? 0,
          oldestPendingAt: oldest === undefined
            ? null
            : found != null && found < endOfHour
            ? found
            : oldest.hour * HOUR_MS,
        };
      }),
    counts: ({ webhookIds, deviceId, since, until }) =>
      db.read(function* () {
        if (webhookIds?.length === 0) return [];
        let query = db.build.selectFrom("delivery_counts").select(["name", "status"])
          .select((eb) => eb.fn.sum<number>("count").as("count"))
          .where("hour", ">=", Math.floor(since / HOUR_MS))
          .groupBy(["name", "status"]);
        if (until !== undefined) query = query.where("hour", "<", Math.ceil(until / HOUR_MS));
        if (webhookIds !== undefined) query = query.where("webhook_id", "in", webhookIds);
        if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
        const rows = yield* run(query.compile());
        return rows.filter(({ count }) => count > 0)
          .map(({ name, status, count }) => ({ name, status: statusOf(status), count }));
      }),
  };
}
