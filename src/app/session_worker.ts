// A worker with WhatsApp sessions: the one place besides the main thread where Baileys is loaded.
import "../old_runtime.ts";
import { configure, type LogLevel, type LogRecord } from "@logtape/logtape";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { createSessions } from "../whatsapp/baileys/session.ts";
import { isOfBaileys, onStrayFailure } from "../whatsapp/stray_failure.ts";
import type { Parcel } from "../whatsapp/workers/link.ts";
import { serveSessions, type WorkerStart } from "../whatsapp/workers/serving.ts";

interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

const scope = globalThis as unknown as Scope; // the types of a window are loaded for all files
const log = logOf("whatsapp");

function post(parcel: Parcel): void {
  scope.postMessage(parcel);
}

/** The main thread has the files. */
async function logToMainThread(level: LogLevel): Promise<void> {
  const sink = ({ category, level, rawMessage, properties }: LogRecord) =>
    post([{
      is: "tell",
      to: "worker",
      method: "log",
      args: [{ category, level, message: String(rawMessage), properties: plain(properties) }],
    }]);
  await configure({
    sinks: { main: sink },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["main"] },
      { category: "kabar", lowestLevel: level, sinks: ["main"] },
    ],
  });
}

/** Fields of a line, without what cannot be copied. */
function plain(properties: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify(properties));
}

onStrayFailure((reason, event) => {
  if (!isOfBaileys(reason)) return; // the main thread hears of it, and starts another worker
  event.preventDefault();
  log.error("process.stray_failure", { error: messageOf(reason) });
});

scope.onmessage = async ({ data }) => {
  const early: Parcel[] = [];
  scope.onmessage = ({ data }) => void early.push(data);
  const start: WorkerStart = data;
  await logToMainThread(start.level as LogLevel);
  const take = serveSessions(start, {
    post,
    createSessions,
    log,
    heapUsed: () => Deno.memoryUsage().heapUsed,
  });
  scope.onmessage = ({ data }) => take(data);
  for (const parcel of early) take(parcel);
};
