import type { Settings } from "../config.ts";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import { logOf } from "../log.ts";
import { openDenoKvQueue } from "../queue/deno_kv.ts";
import { createMemoryQueue } from "../queue/memory.ts";
import type { Queue } from "../queue/queue.ts";
import type { ConnectionSettings } from "../store/postgres/connection.ts";
import type { Store } from "../store/store.ts";
import { lockData } from "./data_lock.ts";

const log = logOf("gateway");

type StorageSettings = Pick<
  Settings,
  "DATA_DIR" | "DATABASE_URL" | "DATABASE_MODE" | "DATABASE_CA" | "ENCRYPTION_KEY"
>;

/** A file of up to this size is looked through at each start, which takes a few hundredths of a second. */
const CHECKED_UP_TO_BYTES = 16 * 1_048_576;

/** Everything that outlasts a request: the store, the alarms, and the right to work with `DATA_DIR`. */
export interface Storage {
  readonly store: Store;
  readonly queue: Queue;
  close(): Promise<void>;
}

export interface World {
  readonly now: () => number;
  /** The store takes nothing any more until it is opened anew. */
  readonly onBroken?: (error: Error) => void;
}

/**
 * Opens the engine that the settings choose: Postgres where `DATABASE_URL` is set, a file in `DATA_DIR`
 * otherwise. This is the only place that knows.
 * @throws {DataInUseError} If another process works with `DATA_DIR`.
 * @throws {StoreUnavailableError} If the store cannot be opened.
 */
export async function openStorage(settings: StorageSettings, world: World): Promise<Storage> {
  const { DATA_DIR, DATABASE_URL } = settings;
  const lock = await lockData(DATA_DIR);
  try {
    if (lock.endedBadly) log.warn("gateway.ended_badly", { dataDir: DATA_DIR });
    const { store, queue } = DATABASE_URL === undefined
      ? await openFile(settings, lock.endedBadly, world)
      : await openDatabase(settings, world);
    return {
      store,
      queue,
      async close() {
        await queue.close();
        await store.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** How the settings say that a Postgres database is reached. */
export async function databaseOf(
  { DATABASE_URL, DATABASE_MODE, DATABASE_CA }: StorageSettings,
): Promise<ConnectionSettings | undefined> {
  if (DATABASE_URL === undefined) return undefined;
  const ca = DATABASE_CA === undefined ? undefined : await Deno.readTextFile(DATABASE_CA);
  return { url: DATABASE_URL, ca, pooled: DATABASE_MODE === "pooled", name: "kabar" };
}

async function openFile(
  { DATA_DIR, ENCRYPTION_KEY }: StorageSettings,
  check: boolean,
  { now, onBroken }: World,
) {
  const { openSqliteStore } = await import("../store/sqlite/open.ts");
  const path = `${DATA_DIR}/logs.db`;
  const sizeBytes = await sizeOf(path);
  if (
    sizeBytes === 0 && await sizeOf(`${path}.restored`) === 0 && await sizeOf(`${DATA_DIR}/kv.db`) > 0
  ) {
    log.error("store.missing", {
      path,
      why:
        "other files show that there was a store here: a new, empty one is made. Stop the gateway and bring a copy " +
        "back with `kabar restore <file>` if that was not meant",
    });
  }
  const store = openSqliteStore({
    path,
    check: check || (sizeBytes > 0 && sizeBytes <= CHECKED_UP_TO_BYTES),
    encryptionKey: ENCRYPTION_KEY,
    onBroken,
    now,
  });
  return { store, queue: await openDenoKvQueue(`${DATA_DIR}/kv.db`) };
}

/**
 * Opens the database only: where there is no disk, and so no folder to have the right to.
 * @throws {StoreUnavailableError} If it cannot be opened.
 */
export async function openSharedStorage(settings: StorageSettings, world: World): Promise<Storage> {
  const { store, queue } = await openDatabase(settings, world);
  return {
    store,
    queue,
    async close() {
      await queue.close();
      await store.close();
    },
  };
}

/** The database that an error is about is named, without its password: which settings were read may be the question. */
export async function namingDatabase<T>(
  { DATABASE_URL }: Pick<Settings, "DATABASE_URL">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isAboutIt = error instanceof StoreUnavailableError ||
      (error instanceof Error && error.name === "UnreachableError");
    if (DATABASE_URL === undefined || !isAboutIt) throw error;
    const { username, host, pathname } = new URL(DATABASE_URL);
    throw new StoreUnavailableError(
      `${messageOf(error)} (DATABASE_URL leads to ${username}@${host}${pathname})`,
      { cause: error },
    );
  }
}

/** Alarms stay in memory there: what a gateway that dies leaves behind is found by the sweep of another. */
async function openDatabase(settings: StorageSettings, { now }: World) {
  const { openPostgresStore } = await import("../store/postgres/open.ts");
  const database = await databaseOf(settings);
  if (database === undefined) throw new Error("Cannot open a database: DATABASE_URL is not set");
  const store = await namingDatabase(
    settings,
    () => openPostgresStore({ ...database, encryptionKey: settings.ENCRYPTION_KEY, now }),
  );
  return { store, queue: createMemoryQueue() };
}

/** 0 also for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, (error) => {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  });
}
