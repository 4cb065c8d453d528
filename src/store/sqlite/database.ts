import type { DatabaseSync } from "node:sqlite";
import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { Batch, type Database, type Work } from "../database.ts";
import { sqliteBuilder } from "./builder.ts";
import { isBusy, meaningOf } from "./failures.ts";
import type { Flusher } from "./flush.ts";
import { Statements } from "./statements.ts";
import { Transaction } from "./transaction.ts";

/** Works of one commit: neither more than this many, nor more than fit in this time. */
const MOST_WORKS = 512;
const LONGEST_BATCH_MS = 10;
/** How long another process may hold the file before works are refused, and how often we look. */
const BUSY_PATIENCE_MS = 5_000;
const BUSY_RETRY_MS = 20;

interface Queued {
  readonly work: (batch: Batch) => Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly ok: true; readonly value: unknown } | {
  readonly ok: false;
  readonly error: unknown;
};

export interface SqliteDatabaseOptions {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  /** Brings commits to the disk; without it the writer's commits do so themselves. */
  readonly flusher?: Flusher;
  /** Hears the text of each statement that is prepared. */
  readonly onPrepare?: (sql: string) => void;
}

/**
 * Makes a database of a SQLite file. Writes of one turn of the event loop share a transaction, and so do those that come
 * while the one before is on its way to the disk: one flush serves them all, and nobody waits for it idly.
 */
export class SqliteDatabase implements Database {
  readonly build = sqliteBuilder();
  readonly epoch = crypto.getRandomValues(new Uint32Array(1))[0];
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #transaction: Transaction;
  readonly #writes: Statements;
  readonly #reads: Statements;
  readonly #flusher: Flusher | undefined;
  #queue: Queued[] = [];
  /** Tells those whose works are committed how it went, once the commit is on the disk. */
  #settle: (() => void)[] = [];
  #scheduled = false;
  #flushing: Promise<void> | undefined;
  #broken: StoreUnavailableError | undefined;
  #busySince: number | undefined;
  #closed = false;

  constructor({ writer, reader, flusher, onPrepare = () => {} }: SqliteDatabaseOptions) {
    this.#writer = writer;
    this.#reader = reader;
    this.#flusher = flusher;
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

  write<T>(work: (batch: Batch) => Work<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#flushing;
    while (this.#queue.length > 0) this.#commitSome();
    if (this.#settle.length > 0) await this.#flush();
    this.#flusher?.close();
    this.#reader.close();
    this.#writer.close();
  }

  #schedule(): void {
    if (this.#scheduled || this.#flushing !== undefined || this.#queue.length === 0) return;
    this.#scheduled = true;
    if (this.#busySince === undefined) setImmediate(() => this.#turn());
    else setTimeout(() => this.#turn(), BUSY_RETRY_MS);
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    this.#commitSome();
    if (this.#settle.length > 0) this.#flushing = this.#flush();
    else this.#schedule();
  }

  /** Brings to the disk what is committed, then settles the works. */
  async #flush(): Promise<void> {
    const settle = this.#settle;
    this.#settle = [];
    try {
      await this.#flusher?.flush();
    } catch (error) {
      // Nobody knows any more what the disk has of the log, so nothing may rest on it until it is read anew.
      this.#broken = new StoreUnavailableError(
        `Cannot use the store until the gateway is started again: flushing failed: ${messageOf(error)}`,
      );
    }
    this.#flushing = undefined;
    for (const tell of settle) tell();
    if (this.#broken === undefined) this.#schedule();
    else this.#refuseQueue(this.#broken);
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

  /** Runs works of the queue, as many as fit in a batch, and adds them to `taken` before they run. */
  #runTogether(taken: Queued[]): readonly Outcome[] {
    const batch = new Batch();
    const outcomes: Outcome[] = [];
    const started = performance.now();
    for (const queued of this.#queue) {
      taken.push(queued);
      outcomes.push({ ok: true, value: drive(queued.work(batch), this.#writes) });
      if (taken.length >= MOST_WORKS || performance.now() - started > LONGEST_BATCH_MS) break;
    }
    drive(batch.flush(), this.#writes);
    return outcomes;
  }

  /** Runs works that could not be done together, so that one that fails is undone alone. They still share a commit. */
  #runApart(works: readonly Queued[]): readonly Outcome[] {
    try {
      this.#transaction.begin();
      const outcomes = works.map((queued) => this.#runAlone(queued));
      this.#transaction.commit();
      return outcomes;
    } catch (error) {
      this.#transaction.rollBack();
      return works.map(() => ({ ok: false, error: meaningOf(error) }));
    }
  }

  #runAlone({ work }: Queued): Outcome {
    const batch = new Batch();
    this.#transaction.beginPart();
    try {
      const value = drive(work(batch), this.#writes);
      drive(batch.flush(), this.#writes);
      this.#transaction.keepPart();
      return { ok: true, value };
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning instanceof StoreUnavailableError) throw error; // the whole transaction is in doubt
      this.#transaction.undoPart();
      return { ok: false, error: meaning };
    }
  }
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError("Cannot use the store: it is closed");
}

/** Runs a work to its end without a pause. */
function drive<T>(work: Work<T>, statements: Statements): T {
  let step = work.next();
  while (!step.done) step = work.next(statements.run(step.value));
  return step.value;
}
