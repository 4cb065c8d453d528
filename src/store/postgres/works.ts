import { LeaseLostError } from "../../errors.ts";
import type { HeldLease } from "../leases.ts";
import { Batch, type Work } from "../sql/database.ts";
import type { Connection } from "./connection.ts";
import { lockLeases } from "./lease_locks.ts";

/** A work, and what it must not run side by side with. */
export interface KeyedWork {
  readonly work: (batch: Batch) => Work<unknown>;
  /** Works with the same key run one after another, others side by side. Undefined: runs alone. */
  readonly key: string | undefined;
  /** The lease under which it is done, and without which the transaction fails. */
  readonly fence?: HeldLease;
}

/** Runs a work to its end on a connection. */
export async function drive<T>(
  work: Work<T>,
  connection: Connection,
  stopped: () => boolean = () => false,
): Promise<T> {
  let step = work.next();
  while (!step.done) {
    if (stopped()) throw new Error("Another work of the transaction failed");
    step = work.next(await connection.run(step.value));
  }
  return step.value;
}

/**
 * Runs works of one transaction. Their statements are sent over one connection without waiting for each
 * other's answers where keys allow it, so that many works cost few round trips. They begin in the order of their keys:
 * two gateways that lock rows of the same two devices do so in the same order.
 * @returns What each gave, in their order.
 */
export async function runWorks(connection: Connection, works: readonly KeyedWork[]): Promise<unknown[]> {
  const batch = new Batch();
  let failure: { readonly error: unknown } | undefined;
  const values: unknown[] = new Array(works.length);
  const tails = new Map<string, Promise<void>>();

  async function runOne(index: number): Promise<void> {
    if (failure !== undefined) return;
    try {
      values[index] = await drive(works[index].work(batch), connection, () => failure !== undefined);
    } catch (error) {
      failure ??= { error };
    }
  }

  const lost = lostAmong(connection, works.flatMap(({ fence }) => fence ?? []));
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
  const name = await lost;
  if (name !== undefined) throw new LeaseLostError(name);
  if (failure !== undefined) throw failure.error;
  await drive(batch.flush(), connection);
  return values;
}

function inOrderOfKeys(works: readonly KeyedWork[]): readonly (readonly [number, KeyedWork])[] {
  const entries = [...works.entries()];
  if (works.some(({ key }) => key === undefined)) return entries;
  return entries.sort(([, { key: a = "" }], [, { key: b = "" }]) => a < b ? -1 : a > b ? 1 : 0);
}

/** The first lease that is not held as it is said; asked for at once, and answered before what is asked next. */
function lostAmong(connection: Connection, fences: readonly HeldLease[]): Promise<string | undefined> {
  if (fences.length === 0) return Promise.resolve(undefined);
  const asked = lockLeases(connection, fences.map(({ name }) => name));
  const answer = asked.then(({ rows }) => {
    const held = new Map((rows as readonly HeldLease[]).map((row) => [row.name, row]));
    return fences.find(({ name, holder, epoch }) =>
      held.get(name)?.holder !== holder || held.get(name)?.epoch !== epoch
    )?.name;
  });
  answer.catch(() => {}); // works fail with it, and are waited for first
  return answer;
}
