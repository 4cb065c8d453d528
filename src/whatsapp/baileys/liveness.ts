import type { WASocket } from "@whiskeysockets/baileys";
import { within } from "../../async/within.ts";
import type { FrameSender } from "./output_gate.ts";
import type { Clock } from "../../async/clock.ts";

export interface LineDeps {
  readonly socket: WASocket;
  readonly clock: Clock;
  /** How long the first word of the server may take. */
  readonly connectMs: number;
  /** No longer than this without a word from the server, which is pinged all the time. */
  readonly silenceMs: number;
  readonly onSilent: () => void;
  readonly ending: AbortSignal;
}

/**
 * Watches that the other side is there: by the answers to pings, never by whether messages come. Baileys' own watch
 * then waits for a closing handshake that a dead peer never gives.
 */
export async function watchLine(deps: LineDeps): Promise<void> {
  const { socket, clock, connectMs, silenceMs, onSilent, ending } = deps;
  let heardAt: number | undefined;
  socket.ws.on("frame", () => heardAt = clock.now());
  await clock.wait(connectMs, ending);
  while (!ending.aborted) {
    if (heardAt === undefined || clock.now() - heardAt > silenceMs) return onSilent();
    await clock.wait(silenceMs / 4, ending);
  }
}

/** How long the other side may take to say goodbye. */
const GOODBYE_MS = 1_000;

/** The WebSocket itself, which Baileys keeps to itself. */
export interface RawWebSocket extends FrameSender {
  terminate(): void;
}

/** @throws {TypeError} If Baileys keeps it elsewhere by now. */
export function webSocketOf({ ws }: WASocket): RawWebSocket {
  const webSocket: unknown = Reflect.get(ws, "socket");
  if (!isWebSocket(webSocket)) throw new TypeError("Cannot find the WebSocket inside Baileys' socket");
  return webSocket;
}

function isWebSocket(value: unknown): value is RawWebSocket {
  return typeof value === "object" && value !== null && "terminate" in value && "send" in value;
}

/** Ends the connection; one with a dead peer too, which would otherwise hold its socket for half a minute. */
export async function cutLine(socket: WASocket, webSocket: RawWebSocket, clock: Clock): Promise<void> {
  const closed = socket.end(undefined).catch(() => {}); // it failed before: there is nothing left to end
  await within(GOODBYE_MS, closed, clock);
  webSocket.terminate();
}
