import { systemClock } from "../async/clock.ts";
import { dirname } from "node:path";
import { logOf } from "../log.ts";
import { messageOf } from "../errors.ts";
import type { Alarm, Queue } from "./queue.ts";

/** How many alarms one atomic operation sets. Deno KV takes 1,000 mutations, but large ones hold up its other users. */
const BATCH = 50;
const MAX_DELAY_MS = 30 * 24 * 3_600_000;

const log = logOf("queue");

/**
 * Alarms on Deno KV's queue, which outlast the process. A KV file that cannot be opened is set aside and made anew:
 * the store still knows every due time, and the sweep finds them.
 * @param path The KV file. Only one process may use it.
 */
export async function openDenoKvQueue(path: string): Promise<Queue> {
  const kv = await openOrReplace(path);
  let waiting: { readonly alarm: Alarm; readonly delayMs: number }[] = [];
  let flushing: Promise<void> | undefined;
  let listening: Promise<void> | undefined;
  let closed = false;

  async function flush(): Promise<void> {
    await Promise.resolve(); // lets the alarms of the same turn join
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      let operation = kv.atomic();
      for (const { alarm, delayMs } of batch) {
        // Without a backoff schedule an alarm that meets a dying process is dropped; the sweep makes up for it.
        operation = operation.enqueue(alarm, { delay: delayMs, backoffSchedule: [] });
      }
      await operation.commit();
    }
  }

  return {
    enqueue(alarm, { delayMs }) {
      if (closed) return Promise.resolve(); // the next start's sweep finds the delivery
      waiting.push({ alarm, delayMs: Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS) });
      flushing ??= flush().finally(() => (flushing = undefined));
      return flushing;
    },
    listen(onAlarm) {
      listening = kv.listenQueue((value: unknown) => {
        const alarm = alarmIn(value);
        if (alarm !== undefined && !closed) onAlarm(alarm);
      }).catch((error: unknown) => {
        if (!closed) log.error("queue.listening_ended", { error: messageOf(error) });
      });
    },
    async close() {
      closed = true;
      await flushing?.catch(() => undefined); // its callers were told
      kv.close();
      await listening;
    },
  };
}

async function openOrReplace(path: string): Promise<Deno.Kv> {
  try {
    return await openChecked(path);
  } catch (error) {
    const aside = `${path}.broken-${systemClock.now()}`;
    log.warn("queue.file_replaced", { path, aside, error: messageOf(error) });
    for (const suffix of ["", "-wal", "-shm"]) {
      await Deno.rename(path + suffix, aside + suffix).catch((cause: unknown) => {
        if (!(cause instanceof Deno.errors.NotFound)) throw cause;
      });
    }
    return await openChecked(path);
  }
}

async function openChecked(path: string): Promise<Deno.Kv> {
  await makePrivate(path);
  const kv = await Deno.openKv(path);
  try {
    await kv.get(["probe"]);
  } catch (error) {
    kv.close();
    throw error;
  }
  return kv;
}

/** SQLite, which KV is made of, gives the files beside it the mode of this one. */
async function makePrivate(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  (await Deno.open(path, { create: true, write: true, mode: 0o600 })).close();
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o600);
}

/** Another program, or another version, may have put something else into the queue. */
function alarmIn(value: unknown): Alarm | undefined {
  const { deliveryNumber, attempt } = Object(value) as Partial<Record<keyof Alarm, unknown>>;
  return isWhole(deliveryNumber) && isWhole(attempt) ? { deliveryNumber, attempt } : undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
