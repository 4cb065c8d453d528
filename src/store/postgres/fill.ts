import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { Value } from "../sql/database.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";
import { lockSchema, versionOf } from "./migrate.ts";

const LIMITS = { statementMs: 3_600_000, lockMs: 10_000, idleInTransactionMs: 600_000 };
/** Rows of these mean that somebody works with the database. */
const TELLING = ["devices", "webhooks", "events", "message_logs", "blasts"];
const encoder = new TextEncoder();
const log = logOf("store");

type Row = Readonly<Record<string, Value>>;

/**
 * What was read of a column, to compare with what is stored: the sum of numbers, of the bytes of texts. Some thousand
 * times of today add up to more than a number holds exactly.
 */
type Sums = Map<string, bigint>;

/**
 * True when nobody has put anything into a database: there is no schema, or nothing of worth in it.
 * @throws {StoreUnavailableError} If it cannot be reached.
 */
export async function isEmpty(settings: ConnectionSettings): Promise<boolean> {
  const connection = await Connection.open(settings, LIMITS);
  try {
    if (await versionOf(connection) === 0) return true;
    const found = TELLING.map((table) => `EXISTS (SELECT FROM "${table}")`).join(" OR ");
    const { rows: [row] } = await connection.send(
      `SELECT ${found} OR (SELECT count(*) > 1 FROM tenants) AS used`,
    );
    return row.used === 0;
  } finally {
    await connection.close();
  }
}

/** Fills an empty database with the rows of another one, all or nothing. */
export class Filling {
  readonly #connection: Connection;
  readonly #types: ReadonlyMap<string, string>;
  #isInDoubt = false;

  private constructor(connection: Connection, types: ReadonlyMap<string, string>) {
    this.#connection = connection;
    this.#types = types;
  }

  /** Begins; the database has the newest schema. */
  static async begin(settings: ConnectionSettings): Promise<Filling> {
    const connection = await Connection.open(settings, LIMITS);
    await connection.begin();
    await lockSchema(connection); // no gateway begins meanwhile, and who moves again waits for the end of this
    const { rows } = await connection.send(
      "SELECT table_name || '.' || column_name AS name, data_type AS type FROM information_schema.columns " +
        "WHERE table_schema = current_schema()",
    );
    await connection.send("ALTER TABLE message_logs DISABLE TRIGGER USER"); // the counts are copied, too
    await connection.send("DELETE FROM tenants");
    await connection.send("DELETE FROM settings");
    return new Filling(connection, new Map(rows.map(({ name, type }) => [name, type])));
  }

  /**
   * Copies a table and compares what is stored with what was given.
   * @throws {StoreUnavailableError} If they differ.
   */
  async table(name: string, columns: readonly string[], pieces: Iterable<readonly Row[]>): Promise<number> {
    const known = columns.map((column) => ({ column, type: this.#types.get(`${name}.${column}`) }));
    const missing = known.find(({ type }) => type === undefined);
    if (missing !== undefined) throw new Error(`Cannot copy ${name}: there is no column ${missing.column}`);
    const list = columns.map((column) => `"${column}"`).join();
    const arrays = known.map(({ type }, index) => `$${index + 1}::${type}[]`).join();
    const insert = `INSERT INTO "${name}" (${list}) SELECT * FROM unnest(${arrays})`;
    const sums: Sums = new Map(columns.map((column) => [column, 0n]));
    let count = 0;
    for (const piece of pieces) {
      const values = columns.map((column) =>
        piece.map((row) => this.#counted(sums, column, settled(name, column, row[column])))
      );
      await this.#connection.send(insert, values);
      count += piece.length;
    }
    await this.#compare(name, known, sums, count);
    return count;
  }

  /** Makes what is numbered next follow what is there, and commits. */
  async finish(last: { readonly events: number; readonly deliveries: number }): Promise<void> {
    const connection = this.#connection;
    const sequences = [["event_seqs", last.events], ["delivery_numbers", last.deliveries]] as const;
    for (const [sequence, number] of sequences) {
      if (number > 0) await connection.send("SELECT setval($1::regclass, $2::bigint)", [sequence, number]);
    }
    const { rows } = await connection.send(
      "SELECT table_name AS table, column_name AS column FROM information_schema.columns " +
        "WHERE table_schema = current_schema() AND is_identity = 'YES'",
    );
    for (const { table, column } of rows) {
      await connection.send(
        `SELECT setval(pg_get_serial_sequence('"${table}"', '${column}'), max("${column}")) FROM "${table}" ` +
          `HAVING max("${column}") IS NOT NULL`,
      );
    }
    await connection.send("ALTER TABLE message_logs ENABLE TRIGGER USER");
    const { command } = await connection.send("COMMIT").catch((error) => {
      this.#isInDoubt = connection.isLost;
      throw error;
    });
    if (command !== "COMMIT") {
      throw new StoreUnavailableError("Cannot fill the database: the commit was refused");
    }
    // plans made without it would read tables through; what it fails at now, the server does by itself later
    await connection.send("ANALYZE").catch((error) =>
      log.warn("store.not_analyzed", { error: messageOf(error) })
    );
    await connection.close();
  }

  /** The answer to the commit was lost: only a look at the database tells whether everything is there. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** Gives up; nothing stays. */
  async abandon(): Promise<void> {
    await this.#connection.close();
  }

  #counted(sums: Sums, column: string, value: Value): Value {
    sums.set(column, (sums.get(column) ?? 0n) + BigInt(sizeOf(value)));
    return value;
  }

  async #compare(
    name: string,
    columns: readonly { readonly column: string; readonly type: string | undefined }[],
    sums: Sums,
    count: number,
  ): Promise<void> {
    const wanted = columns.map(({ column, type }) =>
      type === "bigint" ? `sum("${column}")` : `sum(octet_length("${column}"))`
    );
    const all = wanted.map((sum, index) => `coalesce(${sum}, 0)::text AS s${index}`);
    const { rows: [row] } = await this.#connection.send(
      `SELECT count(*) AS count, ${all.join()} FROM "${name}"`,
    );
    const differs = columns.find(({ column }, index) => BigInt(row[`s${index}`]) !== sums.get(column));
    if (row.count === count && differs === undefined) return;
    throw new StoreUnavailableError(
      `Cannot copy ${name}: ${row.count} of ${count} rows arrived` +
        (differs === undefined ? "" : `, and the column ${differs.column} is not the same`),
    );
  }
}

/** Nobody has a delivery in hand that was copied. */
function settled(table: string, column: string, value: Value): Value {
  return table === "deliveries" && (column === "leased_until" || column === "lease_epoch") ? 0 : value;
}

function sizeOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === "number") return value;
  return typeof value === "string" ? encoder.encode(value).length : value.length;
}
