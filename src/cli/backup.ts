import type { Settings } from "../config.ts";
import { DataInUseError, lockData } from "../data_lock.ts";
import { messageOf } from "../errors.ts";
import { backUp, BackupError, exists, restore } from "../store/sqlite/backup.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

type Print = (line: string) => void;
type Data = Pick<Settings, "DATA_DIR">;

/** Copies the database to a new file, also while the gateway runs. Returns the exit code. */
export async function backupVerb(
  [file]: readonly string[],
  { DATA_DIR }: Data,
  print: Print,
): Promise<number> {
  if (file === undefined) return usage("kabar backup <file>", print);
  return await attempt(print, async () => {
    const bytes = await backUp(`${DATA_DIR}/logs.db`, file);
    print(`${file} holds all of ${DATA_DIR}/logs.db: ${(bytes / 1_000_000).toFixed(1)} MB, checked`);
  });
}

/** Puts a copy in the place of the database. The gateway must not run. Returns the exit code. */
export async function restoreVerb(
  args: readonly string[],
  { DATA_DIR }: Data,
  print: Print,
): Promise<number> {
  const [file] = args.filter((arg) => !arg.startsWith("--"));
  if (file === undefined) return usage("kabar restore <file> [--force]", print);
  const target = `${DATA_DIR}/logs.db`;
  return await attempt(print, async () => {
    const lock = await lockData(DATA_DIR);
    const replaces = await exists(target);
    try {
      if (replaces && !args.includes("--force")) {
        throw new BackupError(`Cannot restore to ${target}: it exists. --force replaces it`);
      }
      await restore(file, target);
      for (const suffix of ["", "-wal", "-shm"]) { // alarms of another time: the database knows when what is due
        if (await exists(`${DATA_DIR}/kv.db${suffix}`)) await Deno.remove(`${DATA_DIR}/kv.db${suffix}`);
      }
    } finally {
      await lock.release();
    }
    print(
      `${target} is what ${file} holds${replaces ? `; what was there before is ${target}.replaced` : ""}`,
    );
  });
}

async function attempt(print: Print, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof DataInUseError)) throw error;
    print(messageOf(error));
    return EXIT_FAILED;
  }
}

function usage(line: string, print: Print): number {
  print(`Usage: ${line}`);
  return EXIT_USAGE;
}
