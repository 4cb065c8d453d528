import { systemClock } from "../../async/clock.ts";
import { nextTurn } from "../../async/next_turn.ts";
import { StoreUnavailableError } from "../../errors.ts";
import type { Outcome } from "../sql/hot_paths.ts";
import type { Connection } from "./connection.ts";
import { isAway, isPassing, isStalePlan, meaningOf } from "./failures.ts";
import type { Line } from "./line.ts";

/** Jobs of one commit at most. */
const MOST_JOBS = 512;
/** Runs of a transaction that others' locks broke. */
const MOST_RUNS = 8;
/** How long a server that is away is waited for before jobs are refused. */
const PATIENCE_MS = 3_000;
const AWAY_PAUSE_MS = 100;

/** The jobs of a transaction are under way: every statement but COMMIT is sent. */
export interface Sent {
  /** In the jobs' order. Rejects when the transaction cannot be committed. */
  readonly outcomes: Promise<readonly Outcome[]>;
}

interface Queued<J> {
  readonly job: J;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits jobs in the order in which they come, over one connection. While a transaction is under way the
 * next one gathers, so one flush of the server's disk serves many jobs and nobody waits for a window to
 * close.
 */
export class Lane<J> {
  readonly #line: Line;
  readonly #run: (connection: Connection, jobs: readonly J[]) => Promise<Sent>;
  readonly #isAlone: (job: J) => boolean;
  #queue: Queued<J>[] = [];
  #pumping: Promise<void> | undefined;
  #closed = false;

  /**
   * @param run Sends all statements of the jobs inside a transaction that has begun. May be called again for
   * the same.
   * @param isAlone Whether a job gets a transaction to itself: what it locks, it then holds for nobody else's sake.
   */
  constructor(
    line: Line,
    run: (connection: Connection, jobs: readonly J[]) => Promise<Sent>,
    isAlone: (job: J) => boolean = () => false,
  ) {
    this.#line = line;
    this.#run = run;
    this.#isAlone = isAlone;
  }

  submit(job: J): Promise<unknown> {
    if (this.#closed) {
      return Promise.reject(new StoreUnavailableError("Cannot use the store: it is closed"));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#pumping ??= nextTurn().then(() => this.#pump()); // what this turn asks for shares a commit
    });
  }

  /** Commits what is queued and closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pumping;
    await this.#line.close();
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) {
      const taken = this.#queue.splice(0, this.#together());
      const alongside = this.#queue.length;
      const outcomes = await this.#commit(taken.map(({ job }) => job));
      taken.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (outcome.ok) resolve(outcome.value);
        else reject(outcome.error);
      });
      const away = outcomes.find(isAwayOutcome);
      if (away === undefined) continue;
      for (const { reject } of this.#queue.splice(0, alongside)) reject(away.error);
    }
    this.#pumping = undefined;
  }

  /** How many of the first jobs share a transaction. */
  #together(): number {
    const alone = this.#queue.findIndex(({ job }) => this.#isAlone(job));
    return alone < 0 ? MOST_JOBS : Math.min(MOST_JOBS, Math.max(1, alone));
  }

  async #commit(jobs: readonly J[]): Promise<readonly Outcome[]> {
    const started = performance.now();
    for (let run = 1;; run++) {
      const tried = await this.#transact(jobs);
      if (tried.ok) return tried.outcomes;
      const { error, inDoubt } = tried;
      if (isStalePlan(error)) this.#line.drop();
      const again = isStalePlan(error) || isPassing(error);
      if (again && run < MOST_RUNS) {
        await systemClock.wait(Math.random() * 5 * run);
        continue;
      }
      if (isAway(error) && !inDoubt && performance.now() - started < PATIENCE_MS) {
        await systemClock.wait(AWAY_PAUSE_MS);
        continue;
      }
      const meaning = meaningOf(error);
      if (meaning instanceof StoreUnavailableError || jobs.length === 1) {
        return jobs.map(() => ({ ok: false, error: meaning }));
      }
      return await this.#apart(jobs);
    }
  }

  /** One that fails is undone alone; one that the server was not there for, with all that were asked after it. */
  async #apart(jobs: readonly J[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const job of jobs) {
      outcomes.push(outcomes.find(isAwayOutcome) ?? (await this.#commit([job]))[0]);
    }
    return outcomes;
  }

  async #transact(jobs: readonly J[]): Promise<Transacted> {
    let inDoubt = false;
    let connection: Connection | undefined;
    try {
      connection = await this.#line.get();
      const began = connection.begin();
      began.catch(() => {}); // what follows fails, too
      const { outcomes } = await this.#run(connection, jobs);
      outcomes.catch(() => {}); // looked at once the commit is answered
      const committed = connection.send("COMMIT");
      inDoubt = true;
      const [results, { command }] = await settled(outcomes, committed);
      if (command !== "COMMIT") {
        throw new StoreUnavailableError("Cannot use the store: the commit was refused");
      }
      return { ok: true, outcomes: results };
    } catch (error) {
      // an error that the server answered is no doubt: nothing was committed
      const isLost = connection?.isLost ?? false;
      if (connection !== undefined && !isLost) await this.#rollBack(connection);
      return { ok: false, error, inDoubt: inDoubt && isLost };
    }
  }

  async #rollBack(connection: Connection): Promise<void> {
    await connection.send("ROLLBACK").catch(() => this.#line.drop());
  }
}

type Failed = Extract<Outcome, { readonly ok: false }>;

/** What is asked together may rest on what was asked before it, and must not be stored without that. */
function isAwayOutcome(outcome: Outcome): outcome is Failed {
  return !outcome.ok && outcome.error instanceof StoreUnavailableError;
}

type Transacted =
  | { readonly ok: true; readonly outcomes: readonly Outcome[] }
  | { readonly ok: false; readonly error: unknown; readonly inDoubt: boolean };

/** Both, once both are answered; the error of the first, if there is one. */
async function settled<A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}
