import type { EventReader, PulledEvent, Wanted } from "./reader.ts";
import type { EventWait } from "./waits.ts";

const PAGE = 100;
const RECONNECT_MS = 3_000;

/**
 * Events as they happen, as server-sent events. Only what the client has room for is read from the log, so a slow one
 * holds at most a page in memory; it goes on where it was.
 * @see WHATWG HTML, "Server-sent events"
 */
export function eventStream({ reader, wanted, cursor, wait, heartbeatMs }: {
  readonly reader: EventReader;
  readonly wanted: Wanted;
  readonly cursor: number;
  readonly wait: EventWait;
  readonly heartbeatMs: number;
}): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let at = cursor;
  /** The next frames, or undefined when all is over. */
  const nextFrames = async (): Promise<string | undefined> => {
    while (!wait.over) {
      const { events, next, more } = await reader.after(wanted, at, PAGE);
      if (wait.over) return; // the right to them ended while they were read
      at = next;
      if (events.length > 0) return events.map(frameOf).join("");
      if (more) continue;
      const startedAt = performance.now();
      await wait.next(heartbeatMs);
      // Without data it is no event, but it moves the client's cursor past what it did not ask for.
      if (performance.now() - startedAt >= heartbeatMs) return `: still here\nid: ${at}\n\n`;
    }
  };
  let cancelled = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(`retry: ${RECONNECT_MS}\n\n`));
    },
    async pull(controller) {
      const frames = await nextFrames().catch((error: unknown) => {
        wait.end();
        throw error;
      });
      if (cancelled) return;
      if (frames !== undefined) return controller.enqueue(encoder.encode(frames));
      wait.end();
      controller.close();
    },
    cancel() {
      cancelled = true;
      wait.end();
    },
  });
}

function frameOf(event: PulledEvent): string {
  const name = typeof event.event === "string" ? `event: ${event.event}\n` : "";
  return `id: ${event.seq}\n${name}data: ${JSON.stringify(event)}\n\n`;
}
