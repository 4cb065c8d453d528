import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";

/** Held while the schema, or what must exist once, is made: two first starts at once must not both do it. */
const LOCK = "kabar schema";
/** A step may take long on a large history. */
const LIMITS = { statementMs: 3_600_000, lockMs: 600_000, idleInTransactionMs: 60_000 };

/** Waits, in a transaction, for whoever makes the schema, or fills it, and keeps others from it until the end. */
export async function lockSchema(connection: Connection): Promise<void> {
  await connection.send("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [LOCK]);
}

/** What a migration found and made. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the schema up to what the program knows, in one transaction under a lock of the whole database, and
 * runs `prepare` in it: what only one of several gateways that start at once may do.
 * @throws {StoreUnavailableError} If the database was written by a newer program, or a step fails.
 */
export async function migrate(
  settings: ConnectionSettings,
  migrations: readonly string[],
  prepare: (connection: Connection) => Promise<void> = () => Promise.resolve(),
): Promise<Migrated> {
  const connection = await reach(settings);
  try {
    await connection.begin();
    await lockSchema(connection);
    const from = await versionOf(connection);
    if (from > migrations.length) {
      throw new StoreUnavailableError(
        `Cannot use the database: its schema is version ${from}, this program knows up to ${migrations.length}`,
      );
    }
    if (from < migrations.length) await takeSteps(connection, migrations, from);
    await prepare(connection);
    await connection.send("COMMIT");
    return { from, to: migrations.length };
  } catch (error) {
    throw error instanceof StoreUnavailableError
      ? error
      : new StoreUnavailableError(`Cannot prepare the database: ${messageOf(error)}`);
  } finally {
    await connection.close(); // ends the transaction, too
  }
}

/**
 * Does what `migrate` does, and undoes it: whether it could be done.
 * @throws {StoreUnavailableError} As `migrate`.
 */
export async function rehearse(settings: ConnectionSettings, migrations: readonly string[]): Promise<void> {
  const undone = new StoreUnavailableError("It is undone");
  try {
    await migrate(settings, migrations, () => Promise.reject(undone));
  } catch (error) {
    if (error !== undone) throw error;
  }
}

/** Runs something while nobody else migrates or is in here. */
export async function alone<T>(settings: ConnectionSettings, work: () => Promise<T>): Promise<T> {
  const connection = await reach(settings);
  try {
    await connection.begin();
    await lockSchema(connection);
    return await work();
  } finally {
    await connection.close(); // ends the transaction, too
  }
}

/** @throws {StoreUnavailableError} If the server cannot be reached. */
async function reach(settings: ConnectionSettings): Promise<Connection> {
  try {
    return await Connection.open(settings, LIMITS);
  } catch (error) {
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError(messageOf(error));
  }
}

/** 0: there is no schema yet. */
export async function versionOf(connection: Connection): Promise<number> {
  const { rows: [{ known }] } = await connection.send(
    "SELECT to_regclass('schema_version') IS NOT NULL AS known",
  );
  if (known !== 1) return 0;
  const { rows: [row] } = await connection.send("SELECT max(version) AS version FROM schema_version");
  return row.version ?? 0;
}

async function takeSteps(connection: Connection, migrations: readonly string[], from: number): Promise<void> {
  await connection.send("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)");
  for (let version = from + 1; version <= migrations.length; version++) {
    try {
      await connection.send(collated(migrations[version - 1]));
      await connection.send("INSERT INTO schema_version VALUES ($1)", [version]);
    } catch (error) {
      throw new StoreUnavailableError(
        `Cannot prepare the database: making its schema version ${version} failed: ${messageOf(error)}`,
      );
    }
  }
}

/** Texts are compared byte by byte, whatever the database's own order is: ids and cursors rest on it. */
function collated(sql: string): string {
  return sql.replaceAll(/\bTEXT\b(?! COLLATE)/g, 'TEXT COLLATE "C"');
}
