import type { CompiledQuery } from "kysely";
import type { DeliveryLeases, Dialect } from "./dialect.ts";
import type { HeldLease } from "../leases.ts";
import type { LongTransaction } from "../store.ts";
import type { HotPaths } from "./hot_paths.ts";

/** What a column holds. Truth values are 0 and 1; integers stay below 2^53. */
export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;
/** A query with its parameters, which gives rows of the type `R`; `unanswered`: the work goes on without these. */
export type Query<R = unknown> = CompiledQuery<R> & { readonly unanswered?: true };

/**
 * A piece of work on the database: it yields one query after another and is handed the rows of each; for a
 * query that gives none, one row that tells in `changes` how many it changed. It may be run more than once
 * (when what shares its transaction failed), so it changes nothing outside the database.
 *
 * Being a generator, the same work runs without pauses inside a SQLite transaction; on a database across a network it
 * pauses at each query but those that it only sends.
 */
export type Work<T> = Generator<Query, T, readonly Row[]>;

/**
 * Something that gathers what the works of one transaction have in common and writes it once, before the
 * commit.
 */
export interface Gathered {
  flush(): Work<void>;
}

/**
 * What a work gives when its last queries are answered: an engine across a network commits without waiting for that.
 * Only the answer to the caller may depend on it, nothing that is stored.
 */
export class Last<T> {
  readonly queries: readonly Query[];
  /** @param rows Of each query. */
  readonly give: (rows: readonly (readonly Row[])[]) => T;

  constructor(queries: readonly Query[], give: (rows: readonly (readonly Row[])[]) => T) {
    this.queries = queries;
    this.give = give;
  }
}

/** Ends a work with queries, and gives the rows of all. */
export function last<R>(...queries: readonly Query<R>[]): Last<readonly R[]> {
  return new Last(queries, (rows): readonly unknown[] => rows.flat()) as Last<readonly R[]>;
}

/** Ends a work with a query, and gives what is made of its first row. */
export function lastFirst<R, T>(query: Query<R>, give: (row: R | undefined) => T): Last<T> {
  return new Last([query], ([[row]]) => give(row as R | undefined));
}

/** The transaction that works share. */
export class Batch {
  readonly #gathered = new Map<symbol, Gathered>();

  /**
   * The one of this kind in the transaction, made when it is first asked for. `key` must always stand for the
   * same type.
   */
  gather<G extends Gathered>(key: symbol, make: () => G): G {
    const known = this.#gathered.get(key);
    if (known !== undefined) return known as G;
    const made = make();
    this.#gathered.set(key, made);
    return made;
  }

  *flush(): Work<void> {
    for (const gathered of this.#gathered.values()) yield* gathered.flush();
  }
}

export type WriteLane = "pulse" | "counts" | "claims";

export interface WriteOptions {
  /**
   * What the work is about, such as `device device_1`. Works with the same key run one after another; an
   * engine may run others side by side in one transaction, so such a work locks no more than what its key names, and
   * rows that nobody else locks. Left out: the work runs alone.
   */
  readonly key?: string;
  /**
   * A transaction of its own, beside that of the facts: for what nothing else rests on. `pulse` is for what tells that
   * a gateway is alive and what it holds, and waits for nothing else; `counts` for counters of all gateways, which
   * nobody is to hold for the time of other works; `claims` for rows of deliveries that are taken in hand, which
   * those who record outcomes wait for: one work, one transaction.
   */
  readonly lane?: WriteLane;
  /** A lease under which alone it may be written; for an engine that `checksFences`. */
  readonly fence?: HeldLease;
  /** It waits a few milliseconds for others to share its commit; what comes after it still comes after it. */
  readonly unhurried?: boolean;
}

/** A database, whichever engine it is. */
export interface Database extends Dialect {
  readonly leases: DeliveryLeases;
  /**
   * `write` takes a `fence` and refuses with a `LeaseLostError` what comes without the lease: one look for all works
   * of a transaction, while they are under way. Left out: a work has to look by itself.
   */
  readonly checksFences?: true;
  /** The engine's own way to store events and outcomes. */
  readonly hot: HotPaths;
  /** Runs a work that only reads. */
  read<T>(work: () => Work<T>): Promise<T>;
  /**
   * Runs a work in a transaction; durable when resolved. Works that come together share one commit, in the
   * order in which they came; one that throws is undone alone.
   * @throws {ConflictError} If something unique exists already.
   * @throws {MissingParentError} If something that the work refers to does not exist.
   * @throws {StoreUnavailableError} If the engine cannot take it now; nothing of it is stored then.
   */
  write<T>(work: (batch: Batch) => Work<T | Last<T>>, options?: WriteOptions): Promise<T>;
  /** Runs something while no other opening does; left out where there is only one. */
  alone?<T>(work: () => Promise<T>): Promise<T>;
  /** Whether it can be read and written now, where a write is not the way to know. */
  check?(): Promise<void>;
  /** Transactions of others that are older than that; left out where there are no others. */
  longTransactions?(olderThanMs: number): Promise<readonly LongTransaction[]>;
  /** Commits what is queued and closes. */
  close(): Promise<void>;
}

/** A row refers to one that does not exist. */
export class MissingParentError extends Error {
  override readonly name = "MissingParentError";
}

/** Runs one query inside a work and gives its rows. */
export function* run<R>(query: Query<R>): Work<readonly R[]> {
  return (yield query) as readonly R[];
}

/**
 * Has one query run inside a work that needs nothing of its answer. An engine across a network sends it and goes on;
 * when it fails, the whole work does, however far it has come.
 */
export function* send(query: Query): Work<void> {
  yield { ...query, unanswered: true };
}

/** Runs one query inside a work and gives its first row. */
export function* first<R>(query: Query<R>): Work<R | undefined> {
  return (yield query)[0] as R | undefined;
}

/** Runs one query that gives no rows inside a work and tells how many it changed. */
export function* changes(query: Query): Work<number> {
  return Number((yield query)[0].changes);
}
