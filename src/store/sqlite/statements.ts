import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Query, Row, Value } from "../sql/database.ts";

const MOST_STATEMENTS = 300;

interface Prepared {
  readonly statement: StatementSync;
  readonly givesRows: boolean;
}

/** The prepared statements of a connection, by their text. The oldest make room for new ones. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #onPrepare: (sql: string) => void;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync, onPrepare: (sql: string) => void) {
    this.#database = database;
    this.#onPrepare = onPrepare;
  }

  /** Runs a query and gives its rows; for a query that gives none, a row with the number of its changes. */
  run({ sql, parameters }: Query): readonly Row[] {
    const { statement, givesRows } = this.#prepared.get(sql) ?? this.#prepare(sql);
    const values = parameters as readonly Value[];
    if (givesRows) return statement.all(...values) as Row[];
    return [{ changes: Number(statement.run(...values).changes) }];
  }

  #prepare(sql: string): Prepared {
    this.#onPrepare(sql);
    const statement = this.#database.prepare(sql);
    const prepared = { statement, givesRows: statement.columns().length > 0 };
    if (this.#prepared.size >= MOST_STATEMENTS) {
      for (const oldest of this.#prepared.keys()) {
        this.#prepared.delete(oldest);
        break;
      }
    }
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
