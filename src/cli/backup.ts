import type { Settings } from "../config.ts";
import { DataInUseError, lockData } from "../app/data_lock.ts";
import { messageOf } from "../errors.ts";
import { keepingOwner } from "./owner.ts";
import { CommandError } from "./verb.ts";
import { backUp, BackupError, exists, restore } from "../store/sqlite/backup.ts";

type Print = (line: string) => void;
type Data = Pick<Settings, "DATA_DIR" | "DATABASE_URL">;

/**
 * Copies the database to a new file, also while the gateway runs.
 * @throws {CommandError}
 */
export async function backupVerb(
  file: string,
  { DATA_DIR, DATABASE_URL }: Data,
  print: Print,
): Promise<void> {
  if (DATABASE_URL !== undefined) {
    throw new CommandError(
      'Cannot copy a Postgres database: its own tools do. For example: pg_dump -Fc "$DATABASE_URL" > kabar.dump, from a ' +
        "replica if there is one (a long copy slows the gateways), or your provider's backups",
    );
  }
  await attempt(async () => {
    const bytes = await backUp(`${DATA_DIR}/logs.db`, file);
    print(`${file} holds all of ${DATA_DIR}/logs.db: ${(bytes / 1_000_000).toFixed(1)} MB, checked`);
  });
}

/**
 * Puts a copy in the place of the database. The gateway must not run.
 * @throws {CommandError}
 */
export async function restoreVerb(
  file: string,
  { force }: { readonly force: boolean },
  { DATA_DIR, DATABASE_URL }: Data,
  print: Print,
): Promise<void> {
  if (DATABASE_URL !== undefined) {
    throw new CommandError(
      "Cannot bring back a Postgres database: its own tools do. Stop all gateways, pg_restore the copy into an empty " +
        "database, run `kabar forget-sessions` (an old copy's WhatsApp sessions must not go on), and start them",
    );
  }
  const target = `${DATA_DIR}/logs.db`;
  if (!await exists(file)) throw new CommandError(`Cannot restore from ${file}: there is no such file`);
  await attempt(async () => {
    const keepOwner = await keepingOwner(DATA_DIR);
    const lock = await lockData(DATA_DIR);
    const replaces = await exists(target);
    try {
      if (replaces && !force) {
        throw new BackupError(`Cannot restore to ${target}: it exists. --force replaces it`);
      }
      await restore(file, target);
      for (const suffix of ["", "-wal", "-shm"]) { // alarms of another time: the database knows when what is due
        if (await exists(`${DATA_DIR}/kv.db${suffix}`)) await Deno.remove(`${DATA_DIR}/kv.db${suffix}`);
      }
    } finally {
      await lock.release();
      await keepOwner();
    }
    print(
      `${target} is what ${file} holds${replaces ? `; what was there before is ${target}.replaced` : ""}`,
    );
  });
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof DataInUseError)) throw error;
    throw new CommandError(`${messageOf(error)}. DATA_DIR says where the gateway's data is`, {
      cause: error,
    });
  }
}
