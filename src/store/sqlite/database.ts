import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../errors.ts";
import { Batch, type Database, type Work } from "../database.ts";
import { sqliteBuilder } from "./builder.ts";
import { isBusy, meaningOf } from "./failures.ts";
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
  /** Hears the text of each statement that is prepared. */
  readonly onPrepare?: (sql: string) => void;
}

/**
 * Makes a database of a SQLite file. Writes of one turn of the event loop share a transaction, so that one flush of the
 * disk serves them all.
 */
export class SqliteDatabase implements Database {
  readonly build = sqliteBuilder();
  readonly epoch = crypto.getRandomValues(new Uint32Array(1))[0];
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #transaction: Transaction;
  readonly #writes: Statements;
  readonly #reads: Statements;
  #queue: Queued[] = [];
  #scheduled = false;
  #busySince: number | undefined;
  #closed = false;

  constructor({ writer, reader, onPrepare = () => {} }: SqliteDatabaseOptions) {
    this.#writer = writer;
    this.#reader = reader;
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
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  // deno-lint-ignore require-await -- engines across a network have to wait here
  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#queue.length > 0) this.#commitSome();
    this.#closed = true;
    this.#reader.close();
    this.#writer.close();
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    if (this.#busySince === undefined) setImmediate(() => this.#turn());
    else setTimeout(() => this.#turn(), BUSY_RETRY_MS);
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    this.#commitSome();
    this.#schedule();
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
    taken.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome.ok) resolve(outcome.value);
      else reject(outcome.error);
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
      const refused = this.#queue;
      this.#queue = [];
      this.#busySince = undefined;
      for (const { reject } of refused) reject(meaningOf(error));
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
