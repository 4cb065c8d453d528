import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { Database } from "./database.ts";

const log = logOf("store");

/** Whether a database takes what is written. */
export interface Trouble {
  /** Why it refused a write; undefined while it takes them. */
  reason(): string | undefined;
  /** A write like those that it refused went through. */
  over(): void;
}

/** The same database, whose refused writes are noted: the first one of a row is logged. */
export function watchTrouble(db: Database): { readonly db: Database; readonly trouble: Trouble } {
  let reason: string | undefined;

  function note(error: unknown): never {
    if (error instanceof StoreUnavailableError) {
      if (reason === undefined) log.error("store.refuses_writes", { error: messageOf(error) });
      reason = messageOf(error);
    }
    throw error;
  }

  const { hot } = db;
  return {
    db: {
      ...db,
      read: (work) => db.read(work),
      write: (work, options) => db.write(work, options).catch(note),
      hot: {
        record: (entry) => hot.record(entry).catch(note),
        append: (entry) => hot.append(entry).catch(note),
      },
      ...(db.check !== undefined && { check: () => db.check!().catch(note) }),
      close: () => db.close(),
    },
    trouble: {
      reason: () => reason,
      over() {
        if (reason !== undefined) log.info("store.takes_writes", { before: reason });
        reason = undefined;
      },
    },
  };
}
