import { type Selectable, sql } from "kysely";
import { type Database, first, last, type Query, run, send, type Work } from "./database.ts";
import type { Deliveries, Delivery } from "../deliveries.ts";
import { literalStatus, PENDING, toDelivery } from "./delivery_row.ts";
import { hot, piecesOf } from "./hot.ts";
import { hold, orderName } from "./locks.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import type { DeliveryRow } from "./tables.ts";

type Claims = Pick<Deliveries, "claim" | "claimDue" | "claimHeads" | "release" | "due">;

/**
 * Taking due deliveries in hand and giving them back. Each claim is one conditional update: nobody else gets the same.
 */
export function createClaims(db: Database, recent: RecentDeliveries): Claims {
  const { build, leases } = db;

  const pendingOf = (webhookId: string) =>
    build.selectFrom("deliveries").where("webhook_id", "=", webhookId)
      .where("status", "=", literalStatus(PENDING));
  const leasing = (until: number, holder: number) =>
    build.updateTable("deliveries").set({ leased_until: until, lease_epoch: holder });

  const claim = hot((p: { number: number; now: number; until: number; holder: number }) =>
    leasing(p.until, p.holder).where("number", "=", p.number).where("status", "=", literalStatus(PENDING))
      .where("due_at", "<=", p.now).where((eb) => leases.isFree(eb, p)).returningAll()
  );
  type Window = { webhookId: string; now: number; until: number; limit: number; holder: number };
  const dueOnes = (p: Window, blocked: 0 | 1) =>
    db.unclaimed(
      pendingOf(p.webhookId).select(["number", "due_at"]).where("blocked", "=", sql.lit(blocked))
        .where("due_at", "<=", p.now).where((eb) => leases.isFree(eb, p))
        .orderBy("due_at").limit(p.limit),
    );
  const claimOpen = hot((p: Window) =>
    leasing(p.until, p.holder)
      .where(db.among("number", build.selectFrom(dueOnes(p, 0).as("open")).select("number"))).returningAll()
  );
  const claimAny = hot((p: Window) =>
    leasing(p.until, p.holder).where(
      db.among(
        "number",
        build.selectFrom(
          build.selectFrom(dueOnes(p, 0).as("open")).selectAll()
            .unionAll(build.selectFrom(dueOnes(p, 1).as("blocked")).selectAll()).as("either"),
        ).select("number").orderBy("due_at").limit(p.limit),
      ),
    ).returningAll()
  );
  const claimHead = hot((p: { webhookId: string; key: string; now: number; until: number; holder: number }) =>
    leasing(p.until, p.holder).where(
      db.among(
        "number",
        // waits for whoever has the head: to leave it out would let the next one pass it
        db.locked(
          pendingOf(p.webhookId).select("number").where("ordering_key", "=", p.key)
            .where("ordering_key", "is not", null).orderBy("number").limit(sql.lit(1)),
        ),
      ),
    ).where("due_at", "<=", p.now).where((eb) => leases.isFree(eb, p)).returningAll()
  );
  const nextDue = hot((p: { webhookId: string; now: number; holder: number }) =>
    pendingOf(p.webhookId).select("due_at").where("blocked", "=", sql.lit(0))
      .where((eb) => leases.isFree(eb, p)).orderBy("due_at").limit(sql.lit(1))
  );
  const releasing = (numbers: readonly number[], dueAt: number) =>
    build.updateTable("deliveries").set({ leased_until: 0, due_at: dueAt }).where("number", "in", numbers)
      .where("status", "=", PENDING).compile();

  /**
   * Whoever locks several rows of deliveries, and waits for some, holds their orders first, as those who record
   * outcomes do: nobody waits for somebody who waits for him.
   */
  function* holdOrders(numbers: readonly number[]): Work<void> {
    if (db.lockNames === undefined) return;
    const names: string[] = [];
    for (const piece of piecesOf(numbers)) {
      const rows = yield* run(
        build.selectFrom("deliveries").select(["webhook_id", "ordering_key"]).distinct()
          .where("number", "in", piece).where("ordering_key", "is not", null).compile(),
      );
      for (const row of rows) names.push(orderName(row.webhook_id, row.ordering_key ?? ""));
    }
    yield* hold(db, names);
  }

  /** An update returns its rows in any order. */
  function inOrder(rows: readonly Selectable<DeliveryRow>[]): readonly Delivery[] {
    const deliveries = rows.map(toDelivery).sort((a, b) => a.dueAt - b.dueAt || a.number - b.number);
    deliveries.forEach((delivery) => recent.remember(delivery));
    return deliveries;
  }

  async function take(query: Query<Selectable<DeliveryRow>>): Promise<readonly Delivery[]> {
    return inOrder(
      await db.write(
        // deno-lint-ignore require-yield -- its only query is its last
        function* () {
          return last(query);
        },
        { lane: "claims" },
      ),
    );
  }

  return {
    async claim(number, { now, leaseMs }) {
      return (await take(claim({ number, now, until: now + leaseMs, holder: leases.mine })))[0];
    },

    claimDue: (webhookId, { now, leaseMs, limit }) =>
      take(claimAny({ webhookId, now, until: now + leaseMs, limit, holder: leases.mine })),

    async claimHeads(webhookId, { now, leaseMs, limit, keys }) {
      const until = now + leaseMs;
      if (keys === undefined) {
        return await take(claimOpen({ webhookId, now, until, limit, holder: leases.mine }));
      }
      const wanted = [...new Set(keys)].slice(0, limit); // a key has one head
      if (wanted.length === 0) return [];
      return inOrder(
        await db.write(function* () {
          yield* hold(db, wanted.map((key) => orderName(webhookId, key)));
          return last(
            ...wanted.map((key) => claimHead({ webhookId, key, now, until, holder: leases.mine })),
          );
        }, { lane: "claims" }),
      );
    },

    release: (numbers, dueAt) =>
      db.write(function* () {
        yield* holdOrders(numbers);
        for (const piece of piecesOf(numbers)) yield* send(releasing(piece, dueAt));
      }, { lane: "claims" }),

    due: (webhookIds, now) =>
      db.read(function* () {
        const found = new Map<string, { readonly dueNow: boolean; readonly nextDueAt: number }>();
        for (const webhookId of webhookIds) {
          const next = yield* first(nextDue({ webhookId, now, holder: leases.mine }));
          if (next === undefined) continue;
          found.set(webhookId, { dueNow: next.due_at <= now, nextDueAt: next.due_at });
        }
        return found;
      }),
  };
}
