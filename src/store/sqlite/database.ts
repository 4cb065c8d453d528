import { type Clock, systemClock, type Timer } from "../../async/clock.ts";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { Batch, type Database, Last, type Work, type WriteOptions } from "../sql/database.ts";
import type { DeliveryLeases } from "../sql/dialect.ts";
import type { AppendEntry, AppendResult, HotPaths, Outcome, RecordEntry } from "../sql/hot_paths.ts";
import { createAppendMany } from "./append.ts";
import { sqliteBuilder, sqliteDialect } from "./builder.ts";
import { isBusy, meaningOf } from "./failures.ts";
import type { Flusher } from "./flush.ts";
import { createRecordMany } from "./record.ts";
import { Statements } from "./statements.ts";
import { Transaction } from "./transaction.ts";

/** Works of one commit: neither more than this many, nor more than fit in this time. */
const MOST_WORKS = 512;
const LONGEST_BATCH_MS = 10;
/** How long another process may hold the file before works are refused, and how often we look. */
const BUSY_PATIENCE_MS = 5_000;
const BUSY_RETRY_MS = 20;
/** How long an unhurried write waits for others to share its commit. */
const UNHURRIED_MS = 5;

type Job =
  | { readonly is: "work"; readonly work: (batch: Batch) => Work<unknown> }
  | { readonly is: "append"; readonly entry: AppendEntry }
  | { readonly is: "record"; readonly entry: RecordEntry };

interface Queued {
  readonly job: Job;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface SqliteDatabaseOptions {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  /** Brings commits to the disk; without it the writer's commits do so themselves. */
  readonly flusher?: Flusher;
  /** Milliseconds of a clock that only goes forward: how long a batch takes. */
  readonly monotonic?: () => number;
  /** By which it tries again while another process holds the file. */
  readonly clock?: Pick<Clock, "after">;
  /** Hears the text of each statement that is prepared. */
  readonly onPrepare?: (sql: string) => void;
  /** Nothing can be written any more until the file is opened anew. */
  readonly onBroken?: (error: StoreUnavailableError) => void;
}

/**
 * Makes a database of a SQLite file. Writes of one turn of the event loop share a transaction, and so do
 * those that come while the one before is on its way to the disk: one flush serves them all, and nobody waits
 * for it idly.
 */
export class SqliteDatabase implements Database {
  readonly build = sqliteBuilder();
  readonly queriesTravel = sqliteDialect.queriesTravel;
  readonly unindexedNumber = sqliteDialect.unindexedNumber;
  readonly unindexedText = sqliteDialect.unindexedText;
  readonly locked = sqliteDialect.locked;
  readonly unclaimed = sqliteDialect.unclaimed;
  readonly shared = sqliteDialect.shared;
  readonly clockMs = sqliteDialect.clockMs;
  readonly among = sqliteDialect.among;
  readonly messagesWith = sqliteDialect.messagesWith;
  readonly leases = leasesOfOneProcess();
  readonly hot: HotPaths = {
    append: (entry) => this.#submit({ is: "append", entry }) as Promise<AppendResult>,
    record: (entry) => this.#submit({ is: "record", entry }) as Promise<void>,
  };
  readonly #append = createAppendMany(this.build, this.leases.mine);
  readonly #record = createRecordMany(this.build);
  readonly #monotonic: () => number;
  readonly #clock: Pick<Clock, "after">;
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #transaction: Transaction;
  readonly #writes: Statements;
  readonly #reads: Statements;
  readonly #flusher: Flusher | undefined;
  readonly #onBroken: (error: StoreUnavailableError) => void;
  #queue: Queued[] = [];
  /** Tells those whose works are committed how it went, once the commit is on the disk. */
  #settle: (() => void)[] = [];
  #scheduled = false;
  /** Something in the queue wants to be committed at once. */
  #hurried = false;
  #patience: Timer | undefined;
  #flushing: Promise<void> | undefined;
  #broken: StoreUnavailableError | undefined;
  #busySince: number | undefined;
  #closed = false;

  constructor(
    { writer, reader, flusher, monotonic, clock = systemClock, onPrepare = () => {}, onBroken = () => {} }:
      SqliteDatabaseOptions,
  ) {
    this.#monotonic = monotonic ?? (() => performance.now());
    this.#clock = clock;
    this.#writer = writer;
    this.#reader = reader;
    this.#flusher = flusher;
    this.#onBroken = onBroken;
    this.#transaction = new Transaction(writer);
    this.#writes = new Statements(writer, onPrepare);
    this.#reads = new Statements(reader, onPrepare);
  }

  // deno-lint-ignore require-await -- a failure of the engine must come as a rejection
  async read<T>(work: () => Work<T>): Promise<T> {
    if (this.#closed) throw closedError();
    try {
      return drive(work(), this.#reads);
    } catch (error) {
      throw meaningOf(error);
    }
  }

  write<T>(work: (batch: Batch) => Work<T | Last<T>>, { unhurried = false }: WriteOptions = {}): Promise<T> {
    return this.#submit({ is: "work", work }, unhurried) as Promise<T>;
  }

  #submit(job: Job, unhurried = false): Promise<unknown> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      if (!unhurried) this.#hurried = true;
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#patience?.cancel();
    await this.#flushing;
    while (this.#queue.length > 0) this.#commitSome();
    if (this.#settle.length > 0) await this.#flush();
    await this.#flusher?.close();
    this.#reader.close();
    this.#writer.close();
    this.#flusher?.closed?.();
  }

  #schedule(): void {
    if (this.#scheduled || this.#flushing !== undefined || this.#queue.length === 0) return;
    if (!this.#hurried) return this.#hurryLater();
    this.#scheduled = true;
    if (this.#busySince === undefined) setImmediate(() => this.#turn());
    else this.#clock.after(BUSY_RETRY_MS, () => this.#turn());
  }

  #hurryLater(): void {
    this.#patience ??= this.#clock.after(UNHURRIED_MS, () => {
      this.#patience = undefined;
      this.#hurried = true;
      this.#schedule();
    });
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    this.#commitSome();
    this.#hurried = this.#queue.length > 0; // what found no room has waited already
    if (this.#settle.length > 0) this.#flushing = this.#flush();
    else this.#schedule();
  }

  /** Brings to the disk what is committed, then settles the works. */
  async #flush(): Promise<void> {
    const settle = this.#settle;
    this.#settle = [];
    await this.#onDisk(() => this.#flusher?.flush());
    for (const tell of settle) tell();
    if (this.#broken === undefined) await this.#onDisk(() => this.#flusher?.afterCommit?.());
    this.#flushing = undefined;
    if (this.#broken === undefined) this.#schedule();
    else {
      this.#refuseQueue(this.#broken);
      this.#onBroken(this.#broken);
    }
  }

  /** Waits for the disk. When it fails nobody knows what it has, so nothing may rest on it until it is read anew. */
  async #onDisk(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#broken = new StoreUnavailableError(
        `Cannot use the store until the gateway is started again: flushing failed: ${messageOf(error)}`,
      );
    }
  }

  #refuseQueue(error: unknown): void {
    const refused = this.#queue;
    this.#queue = [];
    for (const { reject } of refused) reject(error);
  }

  #commitSome(): void {
    if (!this.#begin()) return;
    const taken: Queued[] = [];
    let outcomes: readonly Outcome[];
    try {
      outcomes = this.#runTogether(taken);
      this.#transaction.commit();
    } catch (error) {
      this.#transaction.rollBack();
      const meaning = meaningOf(error);
      outcomes = meaning instanceof StoreUnavailableError
        ? taken.map(() => ({ ok: false, error: meaning }))
        : this.#runApart(taken);
    }
    this.#queue = this.#queue.slice(taken.length);
    this.#settle.push(() => {
      taken.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (!outcome.ok) reject(outcome.error);
        else if (this.#broken !== undefined) reject(this.#broken);
        else resolve(outcome.value);
      });
    });
  }

  /** False when another process holds the file: the queue waits, or has been refused. */
  #begin(): boolean {
    try {
      this.#transaction.begin();
      this.#busySince = undefined;
      return true;
    } catch (error) {
      const now = performance.now();
      if (isBusy(error)) {
        this.#busySince ??= now;
        if (now - this.#busySince < BUSY_PATIENCE_MS) return false;
      }
      this.#busySince = undefined;
      this.#refuseQueue(meaningOf(error));
      return false;
    }
  }

  /** Runs jobs of the queue, as many as fit in a batch, and adds them to `taken` before they run. */
  #runTogether(taken: Queued[]): readonly Outcome[] {
    const batch = new Batch();
    const outcomes: Outcome[] = [];
    const started = this.#monotonic();
    for (const queued of this.#queue) {
      taken.push(queued);
      const { job } = queued;
      // events and outcomes come after the works, all at once
      outcomes.push({ ok: true, value: job.is === "work" ? this.#drive(job.work(batch)) : undefined });
      if (taken.length >= MOST_WORKS || this.#monotonic() - started > LONGEST_BATCH_MS) break;
    }
    this.#runHot(batch, taken.map(({ job }) => job), outcomes);
    this.#drive(batch.flush());
    return outcomes;
  }

  /** Stores the events, then the outcomes; works run before them, as with every engine. */
  #runHot(batch: Batch, jobs: readonly Job[], outcomes: Outcome[]): void {
    const places: number[] = [];
    const appends: AppendEntry[] = [];
    const records: RecordEntry[] = [];
    jobs.forEach((job, index) => {
      if (job.is === "record") records.push(job.entry);
      else if (job.is === "append") {
        places.push(index);
        appends.push(job.entry);
      }
    });
    if (appends.length > 0) {
      const appended = this.#drive(this.#append(batch, appends));
      appended.forEach((outcome, index) => outcomes[places[index]] = outcome);
    }
    if (records.length > 0) this.#drive(this.#record(batch, records));
  }

  #drive<T>(work: Work<T>): T {
    return drive(work, this.#writes);
  }

  /**
   * Runs jobs that could not be done together, so that one that fails is undone alone. They still share a
   * commit.
   */
  #runApart(jobs: readonly Queued[]): readonly Outcome[] {
    try {
      this.#transaction.begin();
      const outcomes = jobs.map((queued) => this.#runAlone(queued));
      this.#transaction.commit();
      return outcomes;
    } catch (error) {
      this.#transaction.rollBack();
      return jobs.map(() => ({ ok: false, error: meaningOf(error) }));
    }
  }

  #runAlone({ job }: Queued): Outcome {
    const batch = new Batch();
    this.#transaction.beginPart();
    try {
      const value = job.is === "work" ? this.#drive(job.work(batch)) : undefined;
      const outcomes: Outcome[] = [{ ok: true, value }];
      this.#runHot(batch, [job], outcomes);
      this.#drive(batch.flush());
      this.#transaction.keepPart();
      return outcomes[0];
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning instanceof StoreUnavailableError) throw error; // the whole transaction is in doubt
      this.#transaction.undoPart();
      return { ok: false, error: meaning };
    }
  }
}

/** One process has the file: a lease of any other opening was left by a process that is no more. */
function leasesOfOneProcess(): DeliveryLeases {
  const mine = crypto.getRandomValues(new Uint32Array(1))[0];
  return {
    mine,
    joined: () => {},
    isFree: (eb, { now }) => eb.or([eb("leased_until", "<=", now), eb("lease_epoch", "<>", mine)]),
  };
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError("Cannot use the store: it is closed");
}

/** Runs a work to its end without a pause. */
function drive<T>(work: Work<T | Last<T>>, statements: Statements): T {
  let step = work.next();
  while (!step.done) step = work.next(statements.run(step.value));
  const { value } = step;
  return value instanceof Last ? value.give(value.queries.map((query) => statements.run(query))) : value;
}
