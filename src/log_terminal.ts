import { type Clock, systemClock, type Timer } from "./async/clock.ts";

const FLUSH_EVERY_MS = 200;
const MOST_WAITING_CHARACTERS = 64 * 1024;

/**
 * Log lines on a terminal, or on what stands in for it. What is important comes at once, everything else in batches: a
 * line for each of thousands of deliveries would hold them up.
 */
export class LogTerminal {
  readonly #output: (bytes: Uint8Array) => number;
  readonly #encoder = new TextEncoder();
  readonly #clock: Pick<Clock, "after">;
  #waiting = "";
  #timer: Timer | undefined;

  /** @param output Writes at least one of the bytes; how many. */
  constructor(output: (bytes: Uint8Array) => number, clock: Pick<Clock, "after"> = systemClock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** @param text One or more whole lines. */
  write(text: string, atOnce: boolean): void {
    this.#waiting += text;
    if (atOnce || this.#waiting.length >= MOST_WAITING_CHARACTERS) this.#flush();
    else this.#timer ??= this.#clock.after(FLUSH_EVERY_MS, () => this.#flush());
  }

  close(): void {
    this.#flush();
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const bytes = this.#encoder.encode(this.#waiting);
    this.#waiting = "";
    try {
      for (let written = 0; written < bytes.length;) written += this.#output(bytes.subarray(written));
    } catch (error) {
      // Whoever listened is gone (a closed pipe or terminal). The files have the lines; the gateway goes on.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }
}
