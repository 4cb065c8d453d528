import type { Clock, Timer } from "../async/clock.ts";
import type { TenantId } from "../ids.ts";
import { keyOf, type Waiting } from "./fair_round.ts";

/** How long a request may take before it stops counting as work in hand. */
const SLOW_AFTER_MS = 1_000;
/** Slow requests cost little more than a socket, so many of them may wait at once. */
const SLOW_PER_SLOT = 16;
/** A tenant with less than this share of the places gets one even when others have taken them all. */
const GRANTED_SHARE = 1 / 8;
/** All requests of one tenant, slow ones included, for each place that there is. */
const TENANT_PER_SLOT = 8;
/** Requests of one tenant to one origin: what is slow keeps its connection. */
const ORIGIN_PER_SLOT = 4;
/** When so many are in flight for each place, only tenants with next to none may begin another one. */
const CROWDED_PER_SLOT = 12;

/** One request in flight. */
export interface Slot {
  release(): void;
}

/**
 * Bounds how many requests are in flight over all webhooks, so that nobody's endpoints can use up what others need. A
 * request that has been waiting for its answer for a second moves to a second, much larger pool. Of both, one tenant
 * gets half at most, and a few places are granted to each tenant whatever the others have taken.
 */
export interface Slots {
  /** False: this tenant has to wait. */
  mayStart(tenantId: TenantId): boolean;
  /** False: so many requests of the tenant to this origin are in flight that another one has to wait. */
  mayReach(target: Waiting): boolean;
  /** Takes a place, which `mayStart` has promised. */
  acquire(target: Waiting): Slot;
  /** Requests in flight, slow ones included. */
  inFlight(): number;
  close(): void;
}

/** The most requests that can be in flight, slow ones included. */
export function mostInFlight(concurrency: number): number {
  return concurrency * (SLOW_PER_SLOT + 2);
}

export function createSlots(
  { concurrency, clock, onFree }: {
    readonly concurrency: number;
    readonly clock: Pick<Clock, "now" | "every">;
    /** A place became free other than by a release. */
    readonly onFree: () => void;
  },
): Slots {
  interface Place extends Slot {
    readonly since: number;
    readonly tenantId: TenantId;
    slow: boolean;
    open: boolean;
  }
  interface Own {
    quick: number;
    all: number;
  }
  const granted = Math.max(1, Math.ceil(concurrency * GRANTED_SHARE));
  const quick = new Set<Place>(); // in the order in which they were taken
  const byTenant = new Map<TenantId, Own>();
  const byOrigin = new Map<string, number>();
  let slow = 0;
  let timer: Timer | undefined;

  function moveSlowOnes(): void {
    const before = quick.size;
    const takenBefore = clock.now() - SLOW_AFTER_MS;
    for (const place of quick) {
      if (place.since > takenBefore || slow >= concurrency * SLOW_PER_SLOT) break;
      quick.delete(place);
      place.slow = true;
      slow++;
      const own = byTenant.get(place.tenantId);
      if (own !== undefined) own.quick--;
    }
    if (quick.size === 0) stopTimer();
    if (quick.size < before) onFree();
  }

  function stopTimer(): void {
    timer?.cancel();
    timer = undefined;
  }

  function leave(tenantId: TenantId, place: Place, key: string): void {
    const own = byTenant.get(tenantId);
    if (own !== undefined) {
      own.all--;
      if (!place.slow) own.quick--;
      if (own.all === 0) byTenant.delete(tenantId);
    }
    const left = (byOrigin.get(key) ?? 1) - 1;
    if (left === 0) byOrigin.delete(key);
    else byOrigin.set(key, left);
  }

  return {
    mayStart(tenantId) {
      const own = byTenant.get(tenantId);
      const all = own?.all ?? 0;
      if (all >= concurrency * TENANT_PER_SLOT) return false;
      const isGranted = (own?.quick ?? 0) < granted && quick.size < 2 * concurrency;
      if (quick.size + slow >= concurrency * CROWDED_PER_SLOT) return isGranted && all < granted;
      return isGranted || quick.size < concurrency;
    },
    mayReach: (target) => (byOrigin.get(keyOf(target)) ?? 0) < concurrency * ORIGIN_PER_SLOT,
    acquire(target) {
      const { tenantId } = target;
      const key = keyOf(target);
      timer ??= clock.every(SLOW_AFTER_MS / 4, moveSlowOnes);
      const place: Place = {
        since: clock.now(),
        tenantId,
        slow: false,
        open: true,
        release() {
          if (!place.open) return;
          place.open = false;
          leave(tenantId, place, key);
          if (place.slow) slow--;
          else quick.delete(place);
        },
      };
      quick.add(place);
      const own = byTenant.get(tenantId);
      if (own === undefined) byTenant.set(tenantId, { quick: 1, all: 1 });
      else {
        own.quick++;
        own.all++;
      }
      byOrigin.set(key, (byOrigin.get(key) ?? 0) + 1);
      return place;
    },
    inFlight: () => quick.size + slow,
    close: stopTimer,
  };
}
