import { getLogger, type LogLevel } from "@logtape/logtape";
import type { Thread } from "../whatsapp/workers/worker_host.ts";

/** The worker's program; in the executable's bundle an entry of its own (.build/compile.ts). */
const SCRIPT = import.meta.url.endsWith(".ts") ? "./session_worker.ts" : "./app/session_worker.js";

/** Starts a worker for sessions. */
export function spawnSessionWorker(): Thread {
  return new Worker(new URL(SCRIPT, import.meta.url), { type: "module", name: "sessions" });
}

interface Line {
  readonly category: readonly [string, ...string[]];
  readonly level: LogLevel;
  readonly message: string;
  readonly properties: Record<string, unknown>;
}

/** Writes a line down that a worker has logged, as its own. */
export function logAsWorker(line: unknown): void {
  const { category, level, message, properties } = line as Line; // session_worker.ts made it
  getLogger(category)[level](message, properties);
}
