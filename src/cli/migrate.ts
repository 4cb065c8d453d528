import { lockData } from "../app/data_lock.ts";
import { databaseOf, namingDatabase } from "../app/storage.ts";
import type { Settings } from "../config.ts";
import { systemClock } from "../async/clock.ts";
import { heartbeatOf } from "../fleet/membership.ts";
import type { Gateways } from "../store/gateways.ts";
import { StoreUnavailableError } from "../errors.ts";

type Print = (line: string) => void;

/**
 * Brings the schema up to what this program knows: before the first gateway of a new version starts, where
 * starting ones must not.
 * @throws {StoreUnavailableError} If it cannot be brought there; the message says why.
 * @throws {DataInUseError} If a gateway works with the file.
 */
export async function migrateVerb(settings: Settings, print: Print): Promise<void> {
  const database = await databaseOf(settings);
  if (database === undefined) {
    await upgradeFile(settings);
    print(`${settings.DATA_DIR}/logs.db has the newest schema`);
    return;
  }
  const { migrate } = await import("../store/postgres/migrate.ts");
  const { MIGRATIONS } = await import("../store/postgres/migrations/all.ts");
  const { from, to } = await namingDatabase(settings, () => migrate(database, MIGRATIONS));
  print(
    from === to ? `The schema is version ${to} already` : `The schema was version ${from} and is ${to} now`,
  );
}

/**
 * Throws away the ratchets of all devices and keeps their pairing: after an old copy of a database was
 * brought back.
 * @throws {StoreUnavailableError} If gateways still run, or the store cannot be opened.
 * @throws {DataInUseError} If a gateway works with the file.
 */
export async function forgetSessionsVerb(settings: Settings, print: Print): Promise<void> {
  const { openStorage } = await import("../app/storage.ts");
  const storage = await openStorage(settings, { now: Date.now });
  try {
    if (storage.store.isShared) {
      await requireStopped(storage.store.gateways, 2 * heartbeatOf(settings.LEASE_SECONDS * 1_000).beatMs);
    }
    await storage.store.credentials.forgetRatchets();
  } finally {
    await storage.close();
  }
  print("Devices stay linked, and agree upon new keys with whom they write to. Start the gateways now");
}

/** A copy that was brought back may tell of gateways that are long gone: those whose counters grow are there. */
async function requireStopped(gateways: Pick<Gateways, "all">, withinMs: number): Promise<void> {
  const before = new Map((await gateways.all()).map(({ id, beat }) => [id, beat]));
  if (before.size === 0) return;
  await systemClock.wait(withinMs);
  const alive = (await gateways.all()).filter(({ id, beat }) => before.get(id) !== beat);
  if (alive.length === 0) return;
  const names = alive.map(({ name }) => name).join(", ");
  throw new StoreUnavailableError(`Cannot forget sessions: gateways still run (${names}). Stop them first`);
}

async function upgradeFile({ DATA_DIR, ENCRYPTION_KEY }: Settings): Promise<void> {
  const { openSqliteStore } = await import("../store/sqlite/open.ts");
  const lock = await lockData(DATA_DIR);
  try {
    await openSqliteStore({ path: `${DATA_DIR}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close();
  } finally {
    await lock.release();
  }
}
