import { type Clock, systemClock, type Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { GatewayRow, Gateways, NewGateway } from "../store/gateways.ts";

const log = logOf("fleet");

/** How the life of a gateway is told from its death. Times in ms. */
export interface Heartbeat {
  /** A gateway whose counter was seen to stand still for so long is dead. */
  readonly deadAfterMs: number;
  /** So much earlier it lets go of everything by itself: what a message to the store may take. */
  readonly marginMs: number;
  readonly beatMs: number;
  readonly watchMs: number;
}

/** The usual times for a gateway that counts as dead after `deadAfterMs`. */
export function heartbeatOf(deadAfterMs: number): Heartbeat {
  return {
    deadAfterMs,
    marginMs: deadAfterMs * 0.3,
    beatMs: deadAfterMs / 5,
    watchMs: deadAfterMs / 10,
  };
}

/** How often a gateway looks whether it may go on: it must not take longer to let go than the margin. */
const CHECK_MS = 50;
const JOIN_AGAIN_MS = 300;

export interface MembershipDeps {
  readonly gateways: Pick<Gateways, "join" | "beat" | "all" | "remove" | "setDraining">;
  readonly about: Omit<NewGateway, "id">;
  readonly heartbeat: Heartbeat;
  /** Keeps the ids that this process may be entered under, for its next start. */
  readonly remember: (ids: readonly string[]) => Promise<void>;
  /** Must not do anything under its leases any more, from this moment on. */
  readonly onUnsafe: () => void;
  /** It is entered under a new id, and holds nothing. */
  readonly onEntered: () => void;
  /** The gateways as they were just seen. */
  readonly onSeen?: (gateways: readonly GatewayRow[]) => void;
  /** Others were declared dead: what they held is free. */
  readonly onGone: () => void;
  readonly clock?: Pick<Clock, "wait" | "every">;
  /** Monotonic ms; no clock of another machine is compared with it. */
  readonly elapsed?: () => number;
}

/** A gateway's place among those that work on one store. */
export interface Membership {
  /** Of this incarnation; it never comes back. */
  readonly id: string;
  /** It may act under its leases: nobody can have declared it dead yet. */
  readonly isSafe: boolean;
  /** All gateways, this one too, as last seen. */
  readonly gateways: readonly GatewayRow[];
  /** Enters the gateway. @param before Ids that are over for sure: earlier incarnations of this process. */
  enter(before: readonly string[]): Promise<void>;
  /** Tells the others that it takes nothing new. */
  drain(): Promise<void>;
  /** Frees everything that it still holds. */
  leave(): Promise<void>;
}

interface Seen {
  readonly beat: number;
  /** When its counter was first seen there. */
  readonly at: number;
}

/**
 * Keeps a gateway entered. It raises a counter; the others watch that by clocks of their own, from when they have seen
 * a value. The value was written before that, so a gateway that counts the same time from before its writing, less a
 * margin, has always let go before anybody may take over.
 */
export function createMembership(deps: MembershipDeps): Membership {
  const { gateways, about, heartbeat, remember, onUnsafe, onEntered, onGone } = deps;
  const { clock = systemClock, elapsed = () => performance.now() } = deps;
  const ending = new AbortController();
  const seen = new Map<string, Seen>();
  let id = "";
  let safeUntil = -Infinity;
  let isSafe = false;
  let isDraining = false;
  let rows: readonly GatewayRow[] = [];
  let lookedAt = -Infinity;
  let timer: Timer | undefined;

  const safeFor = (sentAt: number) => sentAt + heartbeat.deadAfterMs - heartbeat.marginMs;

  async function enter(before: readonly string[]): Promise<void> {
    const next = crypto.randomUUID();
    await remember([next, ...before]);
    for (const gone of before.slice(1)) await gateways.remove(gone);
    await gateways.join({ ...about, id: next }, before[0]);
    await remember([next]);
    if (isDraining) await gateways.setDraining(next, true);
    id = next;
    seen.clear();
    const sentAt = elapsed();
    if (!await gateways.beat(id)) throw new Error("Cannot join the fleet: the gateway was removed at once");
    safeUntil = safeFor(sentAt);
    isSafe = elapsed() < safeUntil;
    if (!isSafe) throw new Error("Cannot join the fleet: the store takes too long");
  }

  /** Lets go at once, and comes back as somebody new. */
  function loseAll(why: string): void {
    if (!isSafe) return;
    isSafe = false;
    log.warn("fleet.cut_off", { gateway: id, why });
    onUnsafe();
    void enterAgain();
  }

  async function enterAgain(): Promise<void> {
    const before = [id];
    while (!ending.signal.aborted) {
      try {
        await enter(before);
        log.info("fleet.entered_again", { gateway: id });
        return onEntered();
      } catch (error) {
        log.warn("fleet.not_entered", { error: messageOf(error) });
        if (!before.includes(id)) before.unshift(id);
        await clock.wait(JOIN_AGAIN_MS, ending.signal);
      }
    }
  }

  function check(): void {
    if (isSafe && elapsed() >= safeUntil) loseAll("it could not reach the store in time");
  }

  async function beat(): Promise<void> {
    const [mine, sentAt] = [id, elapsed()];
    const isEntered = await gateways.beat(mine);
    if (mine !== id || !isSafe) return;
    if (isEntered) safeUntil = Math.max(safeUntil, safeFor(sentAt));
    else loseAll("the others have declared it dead");
  }

  async function watch(): Promise<void> {
    const found = await gateways.all();
    const at = elapsed();
    rows = found;
    deps.onSeen?.(found);
    // the store was away: who could not raise its counter meanwhile is given the time to do so
    if (at - lookedAt >= heartbeat.deadAfterMs) seen.clear();
    lookedAt = at;
    const mine = found.find((row) => row.id === id);
    if (isSafe && mine === undefined) return loseAll("the others have removed it");
    const dead: GatewayRow[] = [];
    for (const row of found) {
      const known = seen.get(row.id);
      if (known?.beat !== row.beat) seen.set(row.id, { beat: row.beat, at });
      else if (row.id !== id && at - known.at >= heartbeat.deadAfterMs) dead.push(row);
    }
    for (const { id: gone, name, beat: last } of isSafe ? dead : []) {
      seen.delete(gone);
      if (!await gateways.remove(gone, last)) continue;
      log.warn("fleet.gateway_dead", { gateway: gone, name });
      rows = rows.filter((row) => row.id !== gone);
      onGone();
    }
  }

  async function repeat(what: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!ending.signal.aborted) {
      await work().catch((error) => {
        if (!ending.signal.aborted) log.warn("fleet.store_failed", { what, error: messageOf(error) });
      });
      await clock.wait(everyMs, ending.signal);
    }
  }

  return {
    get id() {
      return id;
    },
    get isSafe() {
      check();
      return isSafe;
    },
    get gateways() {
      return rows;
    },
    async enter(before) {
      await enter(before);
      rows = await gateways.all();
      timer = clock.every(CHECK_MS, check);
      void repeat("beat", heartbeat.beatMs, beat);
      void repeat("watch", heartbeat.watchMs, watch);
    },
    async drain() {
      isDraining = true;
      await gateways.setDraining(id, true);
    },
    async leave() {
      ending.abort();
      timer?.cancel();
      isSafe = false;
      await gateways.remove(id);
      await remember([]);
    },
  };
}
