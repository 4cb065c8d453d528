import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * Begins and ends the transactions of a connection. Prepared statements, because only their errors tell the
 * result code.
 */
export class Transaction {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollBack: StatementSync;
  readonly #mark: StatementSync;
  readonly #keep: StatementSync;
  readonly #undo: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollBack = database.prepare("ROLLBACK");
    this.#mark = database.prepare("SAVEPOINT part");
    this.#keep = database.prepare("RELEASE part");
    this.#undo = database.prepare("ROLLBACK TO part");
  }

  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  /** Undoes what was begun; the engine may have done so already, after an error. */
  rollBack(): void {
    if (this.#database.isTransaction) this.#rollBack.run();
  }

  /** Begins a part that can be undone alone. */
  beginPart(): void {
    this.#mark.run();
  }

  keepPart(): void {
    this.#keep.run();
  }

  undoPart(): void {
    this.#undo.run();
    this.#keep.run();
  }
}
