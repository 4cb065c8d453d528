import type { Clock } from "./clock.ts";

/** Waits; false when it was told to stop meanwhile. */
export async function pause(ms: number, stopping: AbortSignal, clock: Pick<Clock, "wait">): Promise<boolean> {
  await clock.wait(ms, stopping);
  return !stopping.aborted;
}

/** What the promise gives; undefined when it was told to stop before. */
export async function orStopped<T>(promise: Promise<T>, stopping: AbortSignal): Promise<T | undefined> {
  if (stopping.aborted) return undefined;
  const stopped = Promise.withResolvers<undefined>();
  const stop = () => stopped.resolve(undefined);
  stopping.addEventListener("abort", stop);
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    stopping.removeEventListener("abort", stop);
  }
}
