import type { Socket } from "node:net";
import { networkOf } from "../net/network_of.ts";

/** How long a new connection may say nothing, and how long a kept one may rest, ms. */
const FIRST_WORD_MS = 20_000;
/** Longer than the minute after which common proxies and clients let go of theirs. */
const REST_MS = 65_000;

export interface ConnectionLimits {
  /** Of all callers. */
  readonly most: number;
  /** Of one address (or IPv6 /64). */
  readonly mostOfOne: number;
  /** Addresses that speak for many, such as this machine's and trusted proxies', are bounded by `most` only. */
  readonly isExempt: (address: string) => boolean;
}

/** The open connections. When there is no room for another one, the one that has rested longest makes some. */
export interface Connections {
  /** Takes a new connection in; false: it has to be closed. */
  admit(socket: Socket): boolean;
  /** A request has begun on it. */
  began(socket: Socket): void;
  /** It was answered. */
  ended(socket: Socket): void;
  /** Closes what has rested for too long; to be called now and then. `now`: monotonic, ms. */
  sweep(now: number): void;
  /** Closes half of those that rest, the longest first. */
  shrink(): void;
  /** Closes all that rest, or every one. */
  close(which: "resting" | "all"): void;
  readonly size: number;
  /** How many were closed or refused for want of room. */
  readonly turnedAway: number;
}

interface Known {
  readonly caller: string;
  requests: number;
  isNew: boolean;
  restsSince: number;
}

export function createConnections({ most, mostOfOne, isExempt }: ConnectionLimits): Connections {
  const known = new Map<Socket, Known>();
  /** Without a request, the one that has rested longest first. */
  const resting = new Set<Socket>();
  const byCaller = new Map<string, number>();
  let turnedAway = 0;

  function forget(socket: Socket): void {
    const of = known.get(socket);
    if (of === undefined) return;
    known.delete(socket);
    resting.delete(socket);
    const left = (byCaller.get(of.caller) ?? 1) - 1;
    if (left === 0) byCaller.delete(of.caller);
    else byCaller.set(of.caller, left);
  }

  function turnAway(socket: Socket): void {
    turnedAway++;
    forget(socket);
    socket.destroy();
  }

  /** Makes room by closing the one that has rested longest, of this caller or of anybody. */
  function makeRoom(caller: string | undefined): boolean {
    for (const socket of resting) {
      if (caller !== undefined && known.get(socket)?.caller !== caller) continue;
      turnAway(socket);
      return true;
    }
    return false;
  }

  return {
    admit(socket) {
      const address = socket.remoteAddress ?? "";
      const caller = networkOf(address);
      const isFull = !isExempt(address) && (byCaller.get(caller) ?? 0) >= mostOfOne;
      if ((isFull && !makeRoom(caller)) || (known.size >= most && !makeRoom(undefined))) {
        turnedAway++;
        return false;
      }
      known.set(socket, { caller, requests: 0, isNew: true, restsSince: performance.now() });
      resting.add(socket);
      byCaller.set(caller, (byCaller.get(caller) ?? 0) + 1);
      socket.once("close", () => forget(socket));
      return true;
    },
    began(socket) {
      const of = known.get(socket);
      if (of === undefined) return;
      of.requests++;
      of.isNew = false;
      resting.delete(socket);
    },
    ended(socket) {
      const of = known.get(socket);
      if (of === undefined || --of.requests > 0) return;
      of.restsSince = performance.now();
      resting.add(socket);
    },
    sweep(now) {
      for (const socket of resting) {
        const { isNew, restsSince } = known.get(socket)!;
        const restedMs = now - restsSince;
        if (restedMs > (isNew ? FIRST_WORD_MS : REST_MS)) socket.destroy();
        else if (restedMs < FIRST_WORD_MS) return; // those behind it came to rest later
      }
    },
    shrink() {
      for (const socket of [...resting].slice(0, Math.ceil(resting.size / 2))) turnAway(socket);
    },
    close(which) {
      for (const socket of which === "all" ? [...known.keys()] : [...resting]) socket.destroy();
    },
    get size() {
      return known.size;
    },
    get turnedAway() {
      return turnedAway;
    },
  };
}
