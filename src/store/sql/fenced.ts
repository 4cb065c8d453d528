import { LeaseLostError } from "../../errors.ts";
import { type Database, first, type Work } from "./database.ts";
import type { HeldLease } from "../leases.ts";

/**
 * The same database for the holder of a lease: each of its transactions begins with a look at the lease and
 * keeps it from being taken until the commit, so a write is either seen by the next holder or refused.
 * @throws {LeaseLostError} From `write`, if the lease is not held like this any more.
 */
export function fencedDatabase(db: Database, lease: HeldLease): Database {
  return {
    ...db,
    read: (work) => db.read(work),
    write: (work, options) => {
      if (db.checksFences) return db.write(work, { ...options, fence: lease });
      return db.write(function* (batch) {
        yield* holdLease(db, lease);
        return yield* work(batch);
      }, options);
    },
    hot: { record: db.hot.record, append: (entry) => db.hot.append({ ...entry, fence: lease }) },
    close: () => db.close(),
  };
}

/** @throws {LeaseLostError} If the lease is not held like this. */
function* holdLease(db: Database, { name, holder, epoch }: HeldLease): Work<void> {
  const query = db.shared(
    db.build.selectFrom("leases").select("name").where("name", "=", name).where("holder", "=", holder)
      .where("epoch", "=", epoch),
  );
  if ((yield* first(query.compile())) === undefined) throw new LeaseLostError(name);
}
