import { messageOf } from "../errors.ts";

/** Another process works with the same data. */
export class DataInUseError extends Error {
  override readonly name = "DataInUseError";
}

/** The right to work with a data folder. It ends with the process, however that ends. */
export interface DataLock {
  /** The last process that had it did not get to `release` it: it was killed, or the power failed. */
  readonly endedBadly: boolean;
  release(): Promise<void>;
}

/**
 * Takes the lock of a data folder: a lock of the operating system on the file `kabar.lock`, which holds the number of
 * the process for as long as it runs.
 * @throws {DataInUseError} If another process has it.
 */
export async function lockData(dir: string): Promise<DataLock> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const path = `${dir}/kabar.lock`;
  const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  if (!await file.tryLock(true)) {
    file.close();
    const holder = await Deno.readTextFile(path).catch(() => ""); // Windows lets nobody read it now
    const which = /^\d+\s*$/.test(holder) ? ` (process ${holder.trim()})` : "";
    throw new DataInUseError(`Cannot use ${dir}: another Kabar${which} is running on it`);
  }
  const endedBadly = (await file.stat()).size > 0;
  await rewrite(file, `${Deno.pid}\n`);
  return {
    endedBadly,
    async release() {
      await rewrite(file, "");
      file.close();
    },
  };
}

async function rewrite(file: Deno.FsFile, text: string): Promise<void> {
  try {
    await file.truncate(0);
    await file.seek(0, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(text));
  } catch (error) {
    // Only a full disk does this. The lock itself holds; what is lost is a note for people, or a check is made in vain.
    if (!/space|quota/i.test(messageOf(error))) throw error;
  }
}
