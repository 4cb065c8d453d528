// @ts-types="@types/pg"
import pg from "pg";
import { messageOf, StoreUnavailableError } from "../../errors.ts";
import type { Query, Row, Value } from "../sql/database.ts";
import { ConnectionLostError, stateOf, UnreachableError } from "./failures.ts";
import type { Timeline } from "./timeline.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Statements that a connection keeps prepared. */
const MOST_STATEMENTS = 300;
/** Statements whose first use is remembered, to prepare them at the second. */
const MOST_SEEN = 2_000;
const OLDEST_VERSION = 140_000;

/** How to reach the database, and how it is used. */
export interface ConnectionSettings {
  /** `DATABASE_URL`. */
  readonly url: string;
  /** PEM of the authority that the server's certificate is signed by. */
  readonly ca?: string;
  /** Behind a pooler that hands connections out by transaction: nothing may last longer than one. */
  readonly pooled?: boolean;
  /** What the server's lists of connections call it. */
  readonly name?: string;
  /** What all connections of one opening have seen; left out: any server will do. */
  readonly timeline?: Timeline;
}

/** Limits of what one statement, or one idle transaction, may take. Milliseconds. */
export interface Limits {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
}

/**
 * A plan that was made once for all values, on tables that were empty then, stays a scan for ever, so each is
 * made for its values. Compiling a statement that takes milliseconds takes longer than the statement.
 */
const PLANNING = "-c plan_cache_mode=force_custom_plan -c jit=off";

const BYTEA = 17;
const INT8 = 20;
const NUMERIC = 1700;
const BOOL = 16;

/** Columns come as the shared queries expect them: numbers below 2^53, truth values 0 and 1, bytes. */
const types = {
  getTypeParser(oid: number, format?: string) {
    if (format !== "binary") {
      if (oid === INT8 || oid === NUMERIC) return Number;
      if (oid === BOOL) return (text: string) => text === "t" ? 1 : 0;
      if (oid === BYTEA) return bytesOf;
    }
    return pg.types.getTypeParser(oid, format as "text");
  },
};

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.slice(2)); // after `\x`
}

/** One connection, on which statements may be sent before earlier ones are answered. */
export class Connection {
  readonly #client: pg.Client;
  readonly #pooled: boolean;
  readonly #names = new Map<string, string>();
  readonly #seen = new Set<string>();
  #lost: ConnectionLostError | undefined;
  /** Statements that are not answered yet. */
  inFlight = 0;

  private constructor(client: pg.Client, pooled: boolean) {
    this.#client = client;
    this.#pooled = pooled;
    client.on("error", (error) => this.#lose(messageOf(error)));
    client.on("end", () => this.#lose("the connection ended"));
  }

  /**
   * @throws {UnreachableError} If the server cannot be reached now.
   * @throws {StoreUnavailableError} If it does not let us in, or is of no use.
   */
  static async open(settings: ConnectionSettings, limits: Limits): Promise<Connection> {
    const { url, ca, pooled = false, name = "kabar" } = settings;
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: limits.statementMs + 5_000,
      application_name: name,
      types: types as pg.CustomTypesConfig,
      ...(ca === undefined ? {} : { ssl: { ca } }),
      ...(pooled ? {} : {
        statement_timeout: limits.statementMs,
        lock_timeout: limits.lockMs,
        idle_in_transaction_session_timeout: limits.idleInTransactionMs,
        options: PLANNING,
      }),
    });
    const connection = new Connection(client, pooled);
    try {
      await client.connect();
      await connection.#refuseUseless();
      if (settings.timeline !== undefined) settings.timeline.accept(await connection.#timeline());
      return connection;
    } catch (error) {
      void connection.close(); // a server that is going away may never answer
      if (error instanceof StoreUnavailableError) throw error;
      const state = stateOf(error);
      const reason = `Cannot reach the database: ${messageOf(error) || "no answer"}`;
      const isFinal = state !== undefined && !/^(08|53|57)/.test(state);
      throw isFinal ? new StoreUnavailableError(reason) : new UnreachableError(reason);
    }
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Runs a query and gives its rows; for one that gives none, a row with the number of its changes. */
  run({ sql, parameters }: Query): Promise<readonly Row[]> {
    return this.send(sql, parameters as readonly Value[]).then(({ rows, fields, rowCount }) =>
      fields.length > 0 ? rows : [{ changes: rowCount ?? 0 }]
    );
  }

  /**
   * Sends a statement; those that come again are prepared. Statements are run in the order in which they were
   * sent.
   */
  send(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    this.inFlight++;
    return new Promise((resolve, reject) => {
      const name = values === undefined ? undefined : this.#nameOf(text);
      this.#client.query({ text, name, values: values?.map(withoutNul) }, (error, result) => {
        this.inFlight--;
        if (error === null || error === undefined) resolve(result);
        else if (this.#lost !== undefined && !("severity" in error)) reject(this.#lost);
        else reject(isOfServer(error) ? error : this.#lose(messageOf(error)));
      });
    });
  }

  /** Calls the listener for each notification. */
  onNotification(listener: (payload: string) => void): void {
    this.#client.on("notification", ({ payload }) => listener(payload ?? ""));
  }

  /** Calls the listener once, when the connection is lost or closed. */
  onEnd(listener: () => void): void {
    this.#client.once("end", listener);
  }

  async close(): Promise<void> {
    this.#lose("the connection was closed");
    await this.#client.end().catch(() => {}); // it is over either way
  }

  #lose(reason: string): ConnectionLostError {
    return this.#lost ??= new ConnectionLostError(reason);
  }

  #nameOf(text: string): string | undefined {
    if (this.#pooled) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (!this.#seen.has(text)) {
      if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
      this.#seen.add(text);
      return undefined;
    }
    if (this.#names.size >= MOST_STATEMENTS) return undefined;
    const name = `k${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  /** Undefined where the server keeps no such history, or does not tell. */
  async #timeline(): Promise<number | undefined> {
    const query = "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as timeline";
    return await this.send(query).then(({ rows: [row] }) => row.timeline, (error) => {
      if (stateOf(error) === undefined) throw error; // the connection is lost
      return undefined;
    });
  }

  async #refuseUseless(): Promise<void> {
    const { rows: [row] } = await this.send(
      "select current_setting('server_version_num')::int as version, pg_is_in_recovery() as is_replica, " +
        "getdatabaseencoding() as encoding",
    );
    if (row.version < OLDEST_VERSION) {
      throw new StoreUnavailableError(
        `Cannot use the database: its server is PostgreSQL ${
          Math.floor(row.version / 10_000)
        }, 14 or later is needed`,
      );
    }
    if (row.is_replica === 1) {
      throw new StoreUnavailableError("Cannot use the database: its server is a replica and takes no writes");
    }
    if (row.encoding !== "UTF8") {
      throw new StoreUnavailableError(
        `Cannot use the database: its encoding is ${row.encoding}, UTF8 is needed`,
      );
    }
  }
}

function isOfServer(error: Error): boolean {
  return "severity" in error;
}

/** Text in Postgres cannot hold the character NUL; it becomes U+FFFD, as what cannot be decoded does. */
function withoutNul(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
  return Array.isArray(value) ? value.map(withoutNul) : value;
}
