import { Socket } from "node:net";
// @ts-types="@types/pg"
import pg from "pg";
import { systemClock } from "../../async/clock.ts";
import { within } from "../../async/within.ts";
import { messageOf, StoreUnavailableError } from "../../errors.ts";
import type { Query, Row, Value } from "../sql/database.ts";
import { ConnectionLostError, stateOf, UnreachableError } from "./failures.ts";
import { Silence } from "./silence.ts";
import type { Timeline } from "./timeline.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** How long the server's goodbye is waited for. */
const CLOSE_MS = 1_000;
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
  /** When nothing is heard for so long, somebody looks whether the other end is still there. 2,000 when left out. */
  readonly silenceMs?: number;
  /** How long a connection, and what is asked of the server before it is of use, may take. 10,000 when left out. */
  readonly openMs?: number;
}

const SILENCE_MS = 2_000;
const OPEN_MS = 10_000;

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
  readonly #socket: Socket;
  readonly #silence: Silence;
  readonly #pooled: boolean;
  #session: Session | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #names = new Map<string, string>();
  readonly #seen = new Set<string>();
  #lost: ConnectionLostError | undefined;
  readonly #abandoned = Promise.withResolvers<never>();
  /** Statements that are not answered yet. */
  inFlight = 0;

  private constructor(
    client: pg.Client,
    { socket, settings, silenceMs }: {
      readonly socket: Socket;
      readonly settings: ConnectionSettings;
      readonly silenceMs: number;
    },
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#pooled = settings.pooled ?? false;
    this.#silence = new Silence({
      afterMs: silenceMs,
      isGone: async () => this.#session !== undefined && await isGone(this.#session, settings),
      onGone: () => this.#abandon("the server does not answer any more"),
    });
    this.#abandoned.promise.catch(() => {}); // only who opens it waits for that
    client.on("error", (error) => this.#lose(messageOf(error)));
    client.on("end", () => this.#lose("the connection ended"));
  }

  /**
   * @throws {UnreachableError} If the server cannot be reached now.
   * @throws {StoreUnavailableError} If it does not let us in, or is of no use.
   */
  static async open(settings: ConnectionSettings, limits: Limits): Promise<Connection> {
    const { url, ca, pooled = false, name = "kabar" } = settings;
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: url,
      stream: () => socket,
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
    const connection = new Connection(client, {
      socket,
      settings,
      silenceMs: limits.silenceMs ?? SILENCE_MS,
    });
    const overdue = systemClock.after(
      limits.openMs ?? OPEN_MS,
      () => connection.#abandon("the server does not answer"),
    );
    try {
      // not by what `pg` makes of the end of the socket alone: whoever waits here holds up everybody
      await Promise.race([connection.#begin(settings), connection.#abandoned.promise]);
      return connection;
    } catch (error) {
      void connection.close(); // a server that is going away may never answer
      if (error instanceof StoreUnavailableError) throw error;
      const state = stateOf(error);
      const reason = `Cannot reach the database: ${messageOf(error) || "no answer"}`;
      const isFinal = state !== undefined && !/^(08|53|57)/.test(state);
      throw isFinal ? new StoreUnavailableError(reason) : new UnreachableError(reason, { cause: error });
    } finally {
      overdue.cancel();
    }
  }

  async #begin({ timeline }: ConnectionSettings): Promise<void> {
    await this.#client.connect();
    await this.#refuseUseless();
    timeline?.accept(await this.#timeline());
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
    this.#silence.asked();
    return new Promise((resolve, reject) => {
      const name = values === undefined ? undefined : this.#nameOf(text);
      this.#client.query({ text, name, values: values?.map(withoutNul) }, (error, result) => {
        this.inFlight--;
        this.#silence.heard(this.inFlight);
        if (this.inFlight === 0) this.#idle?.resolve();
        if (error === null || error === undefined) resolve(result);
        else if (this.#lost !== undefined && !("severity" in error)) reject(this.#lost);
        else reject(isOfServer(error) ? error : this.#lose(messageOf(error)));
      });
    });
  }

  /**
   * Begins a transaction whose statements each see what others have committed by then, whatever the server prefers:
   * what a lock guards is read once that is held.
   */
  begin(): Promise<pg.QueryResult> {
    return this.send("BEGIN ISOLATION LEVEL READ COMMITTED");
  }

  /** Calls the listener for each notification. */
  onNotification(listener: (payload: string) => void): void {
    this.#client.on("notification", ({ payload }) => listener(payload ?? ""));
  }

  /** Calls the listener once, when the connection is lost or closed. */
  onEnd(listener: () => void): void {
    this.#client.once("end", listener);
  }

  /** Lets what is under way end, and says goodbye; to a server that does not answer, not for long. */
  async close(): Promise<void> {
    this.#lose("the connection was closed");
    const ended = this.#client.end().catch(() => {}); // it is over either way
    if (this.inFlight > 0) await (this.#idle ??= Promise.withResolvers()).promise;
    await within(CLOSE_MS, ended, systemClock);
    this.#socket.destroy();
  }

  /** Ends it with all that is under way: nobody is there who would answer. */
  #abandon(reason: string): void {
    const error = this.#lose(reason);
    this.#socket.destroy();
    this.#abandoned.reject(error);
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
        "getdatabaseencoding() as encoding, pid, backend_start::text as since " +
        "from (select pg_backend_pid() as own) as me left join pg_stat_activity on pid = own",
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
    if (!this.#pooled && row.since !== null) this.#session = { pid: row.pid, since: row.since };
    if (row.encoding !== "UTF8") {
      throw new StoreUnavailableError(
        `Cannot use the database: its encoding is ${row.encoding}, UTF8 is needed`,
      );
    }
  }
}

/** A connection as the server lists it. */
interface Session {
  readonly pid: number;
  readonly since: string;
}

const LOOK_LIMITS: Limits = {
  statementMs: 2_000,
  lockMs: 2_000,
  idleInTransactionMs: 2_000,
  silenceMs: 60_000,
};

/**
 * Whether a connection has no other end any more: the server does not list it, or it lists it as idle, so that what was
 * asked never came there; or no server answers at all.
 */
async function isGone({ pid, since }: Session, { url, ca, name }: ConnectionSettings): Promise<boolean> {
  let look: Connection | undefined;
  try {
    look = await Connection.open({ url, ca, name }, LOOK_LIMITS);
    const { rows } = await look.send(
      "select 1 from pg_stat_activity where pid = $1 and backend_start = $2::timestamptz and not " +
        "(coalesce(state, '') like 'idle%' and state_change < clock_timestamp() - interval '500 ms')",
      [pid, since],
    );
    return rows.length === 0;
  } catch (error) {
    // a server that answers, if only that it is busy, may still be at work for the other one
    return error instanceof UnreachableError && stateOf(error.cause) === undefined;
  } finally {
    void look?.close();
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
