import type { HeldLease } from "../leases.ts";
import { Batch, Last, type Work } from "../sql/database.ts";
import type { Connection } from "./connection.ts";
import { requireLeases } from "./lease_locks.ts";

/** A work, and what it must not run side by side with. */
export interface KeyedWork {
  readonly work: (batch: Batch) => Work<unknown>;
  /** Works with the same key run one after another, others side by side. Undefined: runs alone. */
  readonly key: string | undefined;
  /** The lease under which it is done, and without which the transaction fails. */
  readonly fence?: HeldLease;
}

/** Runs a work that only reads. */
export async function read<T>(work: Work<T>, connection: Connection): Promise<T> {
  let step = work.next();
  while (!step.done) step = work.next(await connection.run(step.value));
  return step.value;
}

/** Works of which every statement is sent. */
export interface SentWorks {
  /** What each gave, in their order, once all is answered. Rejects with the first error of any statement. */
  readonly values: Promise<readonly unknown[]>;
}

/**
 * Runs works of one transaction. Their statements are sent over one connection without waiting for each
 * other's answers where keys allow it, so that many works cost few round trips; nor for answers that no work needs.
 * They begin in the order of their keys: two gateways that lock rows of the same two devices do so in the same order.
 */
export async function runWorks(connection: Connection, works: readonly KeyedWork[]): Promise<SentWorks> {
  const batch = new Batch();
  const statements = new Statements(connection);
  const values: unknown[] = new Array(works.length);
  const tails = new Map<string, Promise<void>>();

  async function runOne(index: number): Promise<void> {
    if (statements.failure !== undefined) return;
    try {
      const value = await statements.drive(works[index].work(batch));
      values[index] = value instanceof Last ? statements.give(value) : value;
    } catch (error) {
      statements.fail(error);
    }
  }

  const fences = works.flatMap(({ fence }) => fence ?? []);
  if (fences.length > 0) statements.send(requireLeases(connection, fences));
  for (const [index, { key }] of inOrderOfKeys(works)) {
    if (key === undefined) {
      await Promise.all(tails.values());
      tails.clear();
      await runOne(index);
    } else {
      const before = tails.get(key);
      tails.set(key, before === undefined ? runOne(index) : before.then(() => runOne(index)));
    }
  }
  await Promise.all(tails.values());
  statements.refuse();
  await statements.drive(batch.flush());
  return { values: statements.answered().then(() => Promise.all(values)) };
}

/** What is sent for the works of one transaction. After a statement that fails, all others do. */
class Statements {
  readonly #connection: Connection;
  readonly #sent: Promise<unknown>[] = [];
  /** The first error, which others may have followed from. */
  failure: { readonly error: unknown } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Runs a work, and waits only for the answers that it asks for. */
  async drive<T>(work: Work<T>): Promise<T> {
    let step = work.next();
    while (!step.done) {
      this.refuse();
      const answer = this.#connection.run(step.value);
      if (step.value.unanswered) this.send(answer);
      step = work.next(step.value.unanswered ? [] : await answer);
    }
    return step.value;
  }

  send(answer: Promise<unknown>): void {
    answer.catch((error) => this.fail(error));
    this.#sent.push(answer);
  }

  /** Sends the last queries of a work. */
  give<T>({ queries, give }: Last<T>): Promise<T> {
    const given = Promise.all(queries.map((query) => this.#connection.run(query))).then(give);
    this.send(given);
    return given;
  }

  fail(error: unknown): void {
    this.failure ??= { error };
  }

  /** @throws What has failed. */
  refuse(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** @throws What has failed. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.#sent);
    this.refuse();
  }
}

function inOrderOfKeys(works: readonly KeyedWork[]): readonly (readonly [number, KeyedWork])[] {
  const entries = [...works.entries()];
  if (works.some(({ key }) => key === undefined)) return entries;
  return entries.sort(([, { key: a = "" }], [, { key: b = "" }]) => a < b ? -1 : a > b ? 1 : 0);
}
