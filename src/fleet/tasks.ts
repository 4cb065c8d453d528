import { type Clock, systemClock } from "../async/clock.ts";
import { createRounds } from "../async/rounds.ts";
import { LeaseLostError, messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { HeldLease, Leases } from "../store/leases.ts";
import type { News } from "../store/news.ts";
import { LEASES, TASK_LEASES } from "./lease_names.ts";
import type { Membership } from "./membership.ts";

const log = logOf("fleet");

const LOOK_EVERY_MS = 1_000;

/** Something that one gateway of the fleet does for all. Doing it twice for a moment must do no harm. */
export interface Task {
  /** Begins; what it gives ends it. */
  start(): () => void | Promise<void>;
}

/** The tasks that one gateway at a time does. */
export interface Tasks {
  /** Whether this gateway does it now. */
  isMine(name: string): boolean;
  /** Under which this gateway does it. @throws {LeaseLostError} If it does not. */
  leaseOf(name: string): HeldLease;
  /** Takes part: does what nobody else does. */
  start(tasks: Readonly<Record<string, Task>>): void;
  /** Ends what runs here at once, as its lease is lost. */
  cutAll(): void;
  /** Looks soon: something has changed. */
  look(): void;
  /** Ends what runs here, for others to take up. */
  stop(): Promise<void>;
}

export function createTasks({ leases, membership, news, clock = systemClock }: {
  readonly leases: Pick<Leases, "list" | "take" | "giveBack">;
  readonly membership: Pick<Membership, "id" | "isSafe" | "gateways">;
  readonly news: Pick<News, "hear" | "tell">;
  readonly clock?: Pick<Clock, "wait">;
}): Tasks {
  const stopping = new AbortController();
  const mine = new Map<string, { readonly lease: HeldLease; readonly end: () => void | Promise<void> }>();
  let tasks: Readonly<Record<string, Task>> = {};

  function end(name: string): void | Promise<void> {
    const running = mine.get(name);
    mine.delete(name);
    return running?.end();
  }

  async function giveBack(given: readonly HeldLease[]): Promise<void> {
    await leases.giveBack(given);
    for (const { name } of given) news.tell(LEASES, name);
  }

  async function round(): Promise<void> {
    if (!membership.isSafe) return;
    const known = new Map((await leases.list(TASK_LEASES)).map((lease) => [lease.name, lease]));
    for (const [name, { lease }] of mine) {
      const row = known.get(lease.name);
      if (row?.holder !== lease.holder || row.epoch !== lease.epoch) await end(name);
    }
    for (const [name, task] of Object.entries(tasks)) {
      const row = known.get(TASK_LEASES + name);
      const isFree = row === undefined || row.holder === null || row.holder === membership.id;
      if (!isFree || mine.has(name) || stopping.signal.aborted) continue;
      const lease = await leases.take(TASK_LEASES + name, membership.id);
      if (lease !== undefined && stopping.signal.aborted) return await giveBack([lease]); // it came too late
      if (lease === undefined || !membership.isSafe) continue;
      log.info("fleet.task_taken", { task: name });
      mine.set(name, { lease, end: task.start() });
    }
  }

  const { look, run } = createRounds({
    round,
    everyMs: LOOK_EVERY_MS,
    stopping: stopping.signal,
    failed: (error) => log.warn("fleet.tasks_not_read", { error: messageOf(error) }),
    clock,
  });
  const deaf = news.hear(LEASES, (id) => {
    if (id === null || id.startsWith(TASK_LEASES) || id === "gateway") look();
  });
  return {
    isMine: (name) => mine.has(name) && membership.isSafe,
    leaseOf(name) {
      const running = membership.isSafe ? mine.get(name) : undefined;
      if (running === undefined) throw new LeaseLostError(TASK_LEASES + name);
      return running.lease;
    },
    start(given) {
      tasks = given;
      void run();
    },
    cutAll() {
      for (const name of [...mine.keys()]) void end(name);
    },
    look,
    async stop() {
      stopping.abort();
      deaf();
      const given = [...mine.values()].map(({ lease }) => lease);
      for (const name of [...mine.keys()]) await end(name);
      await giveBack(given);
    },
  };
}

/** The tasks of a gateway that has the store to itself. */
export function createOwnTasks(): Tasks {
  let ends: readonly (() => void | Promise<void>)[] = [];
  return {
    isMine: () => true,
    leaseOf(name) {
      throw new LeaseLostError(TASK_LEASES + name); // nobody else could hold one
    },
    start(tasks) {
      ends = Object.values(tasks).map((task) => task.start());
    },
    cutAll() {},
    look() {},
    async stop() {
      for (const end of ends) await end();
      ends = [];
    },
  };
}

/** A task that something does from its `start` to its `stop`; each time it is a new one. */
export function taskOf(make: () => { start(): void; stop(): void }): Task {
  return {
    start() {
      const made = make();
      made.start();
      return () => made.stop();
    },
  };
}
