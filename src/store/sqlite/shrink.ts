import { systemClock } from "../../async/clock.ts";
import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";

const EVERY_MS = 60_000;
/** Pages given back at a time: 2 MB. */
const STEP_PAGES = 500;

const log = logOf("store");

/**
 * Gives some of the file's free pages back to the disk when more than a quarter of it is free. Less than that
 * is kept: new rows will need it.
 * @returns Whether it did.
 */
export function shrink(writer: DatabaseSync): boolean {
  const pages = (pragma: string) => Number(Object.values(writer.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  if (pages("freelist_count") <= Math.max(STEP_PAGES, pages("page_count") / 4)) return false;
  writer.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
  return true;
}

/** Shrinks the file from time to time; the returned function ends that. */
export function keepShrinking(writer: DatabaseSync): () => void {
  const timer = systemClock.every(EVERY_MS, () => {
    try {
      shrink(writer);
    } catch (error) {
      log.warn("store.not_shrunk", { error: messageOf(error) }); // busy, most likely: the next time will do
    }
  });
  return () => timer.cancel();
}
