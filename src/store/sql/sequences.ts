import type { Kysely } from "kysely";
import { NotFoundError } from "../../errors.ts";
import type { TenantId } from "../../ids.ts";
import { type Batch, first, type Gathered, type Query, run, type Work } from "../database.ts";
import { hot } from "./hot.ts";
import type { Tables } from "./tables.ts";

interface Sequence {
  /** Reads the last number given; an update, so that the sequence is ours until the commit on every engine. */
  readonly hold: Query<{ readonly last: number }>;
  readonly keep: (last: number) => Query;
}

type SequenceQueries = ReturnType<typeof prepareSequences>;

/** Compiles the queries that number things. */
export function prepareSequences(build: Kysely<Tables>) {
  const hold = hot((p: { name: string }) =>
    build.updateTable("sequences").set((eb) => ({ last: eb.ref("last") })).where("name", "=", p.name)
      .returning("last")
  );
  const keep = hot((p: { name: string; last: number }) =>
    build.updateTable("sequences").set({ last: p.last }).where("name", "=", p.name)
  );
  const holdTenant = hot((p: { tenantId: string }) =>
    build.updateTable("tenants").set((eb) => ({ last_seq: eb.ref("last_seq") })).where("id", "=", p.tenantId)
      .returning("last_seq as last")
  );
  const keepTenant = hot((p: { tenantId: string; last: number }) =>
    build.updateTable("tenants").set({ last_seq: p.last }).where("id", "=", p.tenantId)
  );
  return {
    table: (name: "events" | "deliveries"): Sequence => ({
      hold: hold({ name }),
      keep: (last) => keep({ name, last }),
    }),
    tenant: (tenantId: TenantId): Sequence => ({
      hold: holdTenant({ tenantId }),
      keep: (last) => keepTenant({ tenantId, last }),
    }),
  };
}

const SEQUENCES = Symbol("sequences");

interface Held {
  readonly sequence: Sequence;
  last: number;
}

/**
 * Numbers events and deliveries, without gaps: each sequence is taken up and put down once per transaction, which
 * costs far less than having the engine number every row and tell us.
 */
export class Sequences implements Gathered {
  readonly #queries: SequenceQueries;
  readonly #held = new Map<string, Held>();

  private constructor(queries: SequenceQueries) {
    this.#queries = queries;
  }

  static of(batch: Batch, queries: SequenceQueries): Sequences {
    return batch.gather(SEQUENCES, () => new Sequences(queries));
  }

  *nextOf(table: "events" | "deliveries"): Work<number> {
    const held = this.#held.get(table) ?? (yield* this.#hold(table, this.#queries.table(table)));
    if (held === undefined) throw new Error(`Cannot number ${table}: its sequence is gone`);
    return ++held.last;
  }

  /** @throws {NotFoundError} If there is no such tenant. */
  *nextOfTenant(tenantId: TenantId): Work<number> {
    const key = `tenant ${tenantId}`;
    const held = this.#held.get(key) ?? (yield* this.#hold(key, this.#queries.tenant(tenantId)));
    if (held === undefined) throw new NotFoundError("tenant", tenantId);
    return ++held.last;
  }

  *flush(): Work<void> {
    for (const { sequence, last } of this.#held.values()) yield* run(sequence.keep(last));
  }

  *#hold(key: string, sequence: Sequence): Work<Held | undefined> {
    const row = yield* first(sequence.hold);
    if (row === undefined) return undefined;
    const held = { sequence, last: row.last };
    this.#held.set(key, held);
    return held;
  }
}
