import type { WASocket } from "@whiskeysockets/baileys";
import type { Clock } from "./clock.ts";

export interface LineDeps {
  readonly socket: WASocket;
  readonly clock: Clock;
  /** No longer than this without a word from the server, which is pinged all the time. */
  readonly silenceMs: number;
  readonly onSilent: () => void;
  readonly ending: AbortSignal;
}

/**
 * Watches that the other side is there: by the answers to pings, never by whether messages come. Baileys' own watch
 * then waits for a closing handshake that a dead peer never gives.
 */
export async function watchLine({ socket, clock, silenceMs, onSilent, ending }: LineDeps): Promise<void> {
  let heardAt: number | undefined; // connecting has its own time limit
  socket.ws.on("frame", () => heardAt = clock.now());
  while (!ending.aborted) {
    await clock.wait(silenceMs / 4, ending);
    if (heardAt === undefined || ending.aborted) continue;
    if (clock.now() - heardAt > silenceMs) return onSilent();
  }
}

/** How long the other side may take to say goodbye. */
const GOODBYE_MS = 1_000;

/** Ends the connection; one with a dead peer too, which would otherwise hold its socket for half a minute. */
export async function cutLine(socket: WASocket, clock: Clock): Promise<void> {
  const webSocket: unknown = Reflect.get(socket.ws, "socket"); // the type hides it
  socket.end(undefined).catch(() => {}); // it failed before: there is nothing left to end
  await clock.wait(GOODBYE_MS);
  if (isTerminable(webSocket)) webSocket.terminate();
}

function isTerminable(value: unknown): value is { terminate(): void } {
  return typeof value === "object" && value !== null && "terminate" in value &&
    typeof value.terminate === "function";
}
