import { systemClock } from "../../async/clock.ts";
import { sql } from "kysely";
import { isAway, isStalePlan, meaningOf } from "./failures.ts";
import { StoreUnavailableError } from "../../errors.ts";
import { HOUR_MS } from "../../spans.ts";
import {
  type Batch,
  type Database,
  first,
  type Last,
  run,
  type Work,
  type WriteLane,
  type WriteOptions,
} from "../sql/database.ts";
import type { LongTransaction } from "../store.ts";
import type { DeliveryLeases } from "../sql/dialect.ts";
import type { AppendEntry, AppendResult, HotPaths, Outcome, RecordEntry } from "../sql/hot_paths.ts";
import { roundsOf } from "../sql/rounds.ts";
import { sendAppend } from "./append.ts";
import { postgresBuilder, postgresDialect } from "./builder.ts";
import type { Connection, ConnectionSettings, Limits } from "./connection.ts";
import { Lane, type Sent } from "./lane.ts";
import { Line } from "./line.ts";
import { sendRecord } from "./record.ts";
import { alone } from "./migrate.ts";
import { type KeyedWork, read, runWorks } from "./works.ts";

const LANE_LIMITS: Limits = { statementMs: 10_000, lockMs: 2_000, idleInTransactionMs: 2_000 };
/** Shorter than a lease: a server that does not answer is given up while there is time for another connection. */
const PULSE_LIMITS: Limits = {
  statementMs: 3_000,
  lockMs: 1_000,
  idleInTransactionMs: 2_000,
  silenceMs: 1_000,
};
const READ_LIMITS: Limits = { statementMs: 30_000, lockMs: 2_000, idleInTransactionMs: 2_000 };
const READERS = 2;
/** How long a server that is away is waited for by who reads. */
const READ_PATIENCE_MS = 3_000;
const READ_PAUSE_MS = 100;

type Fact = { readonly is: "work" } & KeyedWork | { readonly is: "append"; readonly entry: AppendEntry };

/**
 * A database of Postgres. All facts go through one lane, so the store commits in the order in which it is
 * asked; the outcomes of attempts, on which nothing rests, have one of their own beside it.
 */
export class PostgresDatabase implements Database {
  readonly build = postgresBuilder();
  readonly #dialect = postgresDialect(this.build);
  readonly queriesTravel = this.#dialect.queriesTravel;
  readonly unindexedNumber = this.#dialect.unindexedNumber;
  readonly unindexedText = this.#dialect.unindexedText;
  readonly locked = this.#dialect.locked;
  readonly unclaimed = this.#dialect.unclaimed;
  readonly shared = this.#dialect.shared;
  readonly among = this.#dialect.among;
  readonly messagesWith = this.#dialect.messagesWith;
  readonly clockMs = this.#dialect.clockMs;
  readonly lockNames = this.#dialect.lockNames;
  readonly leases = leasesOfGateways();
  readonly checksFences = true;
  readonly hot: HotPaths;
  readonly #settings: ConnectionSettings;
  readonly #facts: Lane<Fact>;
  readonly #outcomes: Lane<RecordEntry>;
  readonly #beside: Readonly<Record<WriteLane, Lane<KeyedWork>>>;
  readonly #readers: readonly Line[];
  #closed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    const line = () => new Line(settings, LANE_LIMITS);
    this.#facts = new Lane(line(), (connection, facts) => this.#runFacts(connection, facts), isAlone);
    this.#outcomes = new Lane(line(), runOutcomes);
    const worksLane = (limits: Limits, alone?: () => boolean) =>
      new Lane(new Line(settings, limits), runOnlyWorks, alone);
    this.#beside = {
      pulse: worksLane(PULSE_LIMITS),
      counts: worksLane(LANE_LIMITS),
      claims: worksLane(LANE_LIMITS, () => true),
    };
    this.#readers = Array.from({ length: READERS }, () => new Line(settings, READ_LIMITS));
    this.hot = {
      append: (entry) => this.#facts.submit({ is: "append", entry }) as Promise<AppendResult>,
      record: (entry) => this.#outcomes.submit(entry) as Promise<void>,
    };
  }

  async read<T>(work: () => Work<T>): Promise<T> {
    const started = performance.now();
    while (true) {
      if (this.#closed) throw closedError();
      const line = this.#readers.reduce((a, b) => b.inFlight < a.inFlight ? b : a);
      try {
        return await read(work(), await line.get());
      } catch (error) {
        if (isStalePlan(error)) line.drop();
        const again = isStalePlan(error) || isAway(error);
        if (!again || performance.now() - started > READ_PATIENCE_MS) throw meaningOf(error);
        if (isAway(error)) await systemClock.wait(READ_PAUSE_MS);
      }
    }
  }

  write<T>(work: (batch: Batch) => Work<T | Last<T>>, { key, lane, fence }: WriteOptions = {}): Promise<T> {
    if (lane !== undefined) return this.#beside[lane].submit({ work, key, fence }) as Promise<T>;
    return this.#facts.submit({ is: "work", work, key, fence }) as Promise<T>;
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return alone(this.#settings, work);
  }

  /** The same row for all gateways to write would be a lock for all: a line that takes writes is enough. */
  async check(): Promise<void> {
    const query = sql<{ is_replica: number }>`select pg_is_in_recovery() as is_replica`.compile(this.build);
    const row = await this.write(() => first(query), { key: "check" });
    if (row?.is_replica !== 0) {
      throw new StoreUnavailableError("Cannot use the store: it takes no writes now");
    }
  }

  longTransactions(olderThanMs: number): Promise<readonly LongTransaction[]> {
    const query = sql<{ program: string; user: string; age_ms: number }>`
      select application_name as program, usename as "user",
        (extract(epoch from now() - xact_start) * 1000)::float8 as age_ms
      from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        and xact_start < now() - make_interval(secs => ${sql.lit(olderThanMs / 1_000)})
      order by xact_start`.compile(this.build);
    return this.read(function* () {
      return (yield* run(query)).map(({ program, user, age_ms }) => ({ program, user, ageMs: age_ms }));
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const lanes = [this.#facts, this.#outcomes, ...Object.values(this.#beside)];
    await Promise.all(lanes.map((lane) => lane.close()));
    await Promise.all(this.#readers.map((line) => line.close()));
  }

  /** Works first and events last: what an append locks is held for one flush only. */
  async #runFacts(connection: Connection, facts: readonly Fact[]): Promise<Sent> {
    const works = facts.filter((fact) => fact.is === "work");
    const appends = facts.filter((fact) => fact.is === "append");
    const rounds = roundsOf(appends, ({ entry }) => dedupeKeyOf(entry));
    const { values } = await runWorks(connection, works);
    const appended = Promise.all(
      rounds.map((round) => sendAppend(connection, round.map(({ entry }) => entry), this.leases.mine)),
    );
    appended.catch(() => {}); // a work that has failed is told before what failed by it
    const outcomes = values.then(async (given) => {
      const results = await appended;
      const byFact = new Map<Fact, Outcome>();
      works.forEach((fact, index) => byFact.set(fact, { ok: true, value: given[index] }));
      rounds.forEach((round, n) => round.forEach((fact, index) => byFact.set(fact, results[n][index])));
      return facts.map((fact) => byFact.get(fact)!);
    });
    return { outcomes };
  }
}

/** Works that may lock anything: two of them, or one and others, could wait for each other over several gateways. */
function isAlone(fact: Fact): boolean {
  return fact.is === "work" && fact.key === undefined;
}

async function runOnlyWorks(connection: Connection, works: readonly KeyedWork[]): Promise<Sent> {
  const { values } = await runWorks(connection, works);
  return { outcomes: values.then((all) => all.map((value): Outcome => ({ ok: true, value }))) };
}

function runOutcomes(connection: Connection, entries: readonly RecordEntry[]): Promise<Sent> {
  const rounds = roundsOf(entries, ({ attempt }) => attempt.deliveryNumber);
  const sent = Promise.all(rounds.map((round) => sendRecord(connection, round)));
  return Promise.resolve({
    outcomes: sent.then(() => entries.map((): Outcome => ({ ok: true, value: undefined }))),
  });
}

function dedupeKeyOf({ draft: { tenantId, dedupeKey } }: AppendEntry): string | undefined {
  return dedupeKey === undefined ? undefined : `${tenantId} ${dedupeKey}`;
}

/** How long after its end another gateway's lease still counts: clocks may differ by half of that. */
const STRANGER_MS = HOUR_MS;

/**
 * A lease names the gateway that holds it and is over when that is removed. By time it ends for its holder, whose clock
 * set its end, and much later for others, whose clocks may be wrong. One that was taken before this opening belonged
 * to a gateway names none (0).
 */
function leasesOfGateways(): DeliveryLeases {
  let mine = 0;
  return {
    get mine() {
      return mine;
    },
    joined: (gatewayNumber) => void (mine = gatewayNumber),
    isFree: (eb, { now, holder }) =>
      eb.or([
        eb(sql<number>`leased_until + ${sql.lit(STRANGER_MS)}`, "<=", now),
        eb.and([
          eb("leased_until", "<=", now),
          eb.or([eb("lease_epoch", "=", 0), eb("lease_epoch", "=", holder)]),
        ]),
        sql<boolean>`lease_epoch <> 0 and lease_epoch not in (select number from gateways)`,
      ]),
  };
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError("Cannot use the store: it is closed");
}
