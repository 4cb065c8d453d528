import type { Batch, EventReader, Wanted } from "./reader.ts";
import type { EventWait } from "./waits.ts";

/**
 * The JSON of a long poll, which ends as soon as there are events, or when the time is over. It is a stream because
 * that is how the server tells that the client went away; `Request.signal` would make Deno print a warning.
 */
export function eventPoll({ reader, wanted, cursor, limit, wait, waitMs, shown }: {
  readonly reader: EventReader;
  readonly wanted: Wanted;
  readonly cursor: number;
  readonly limit: number;
  readonly wait: EventWait;
  readonly waitMs: number;
  /** The answer that a batch makes. */
  readonly shown: (batch: Batch) => unknown;
}): ReadableStream<Uint8Array> {
  const until = performance.now() + waitMs;
  const nextBatch = async (): Promise<Batch> => {
    let batch = await reader.after(wanted, cursor, limit);
    while (batch.events.length === 0 && !wait.over) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      if (!batch.more) await wait.next(leftMs);
      batch = await reader.after(wanted, batch.next, limit);
    }
    // What came while the right to it ended is not handed out; whoever may have it asks again from here.
    return wait.over ? { events: [], next: cursor, more: false } : batch;
  };
  let cancelled = false;
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const batch = await nextBatch().finally(() => wait.end());
      if (cancelled) return;
      controller.enqueue(new TextEncoder().encode(JSON.stringify(shown(batch))));
      controller.close();
    },
    cancel() {
      cancelled = true;
      wait.end();
    },
  });
}
