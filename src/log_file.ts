import { type Clock, systemClock, type Timer } from "./async/clock.ts";
import { messageOf } from "./errors.ts";

const FLUSH_EVERY_MS = 200;
const MOST_WAITING_CHARACTERS = 64 * 1024;

export interface LogFileOptions {
  /** A file that has grown beyond this gets the suffix `.1`, the one before it `.2`, and so on. */
  readonly maxBytes: number;
  /** How many such are kept. */
  readonly kept: number;
  /** Hears, once in a row, that lines cannot be written. They are lost then. */
  readonly onFailure: (message: string) => void;
  readonly clock?: Pick<Clock, "after">;
}

/**
 * A file of log lines. Lines are gathered for a moment and written at once; nothing waits for the disk, which has more
 * important things to bring to safety.
 */
export class LogFile {
  readonly #path: string;
  readonly #options: LogFileOptions;
  readonly #encoder = new TextEncoder();
  #file: Deno.FsFile;
  #bytes: number;
  #waiting = "";
  #timer: Timer | undefined;
  #failing = false;

  constructor(path: string, options: LogFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#file = openAtEnd(path);
    this.#bytes = this.#file.statSync().size;
  }

  /** @param text One or more whole lines. */
  write(text: string): void {
    const { clock = systemClock } = this.#options;
    this.#waiting += text;
    if (this.#waiting.length >= MOST_WAITING_CHARACTERS) this.flush();
    else this.#timer ??= clock.after(FLUSH_EVERY_MS, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const bytes = this.#encoder.encode(this.#waiting);
    this.#waiting = "";
    try {
      for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
      this.#bytes += bytes.length;
      if (this.#bytes > this.#options.maxBytes) this.#rotate();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.onFailure(`Cannot write ${this.#path}: ${messageOf(error)}`);
      this.#failing = true;
    }
  }

  close(): void {
    this.flush();
    this.#file.close();
  }

  #rotate(): void {
    for (let age = this.#options.kept; age >= 1; age--) {
      renameIfThere(age === 1 ? this.#path : `${this.#path}.${age - 1}`, `${this.#path}.${age}`);
    }
    const full = this.#file;
    this.#file = openAtEnd(this.#path);
    this.#bytes = this.#file.statSync().size;
    full.close();
  }
}

function openAtEnd(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { create: true, append: true, mode: 0o600 });
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600); // one of before may be open to others
  return file;
}

function renameIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
