import type { Clock } from "../async/clock.ts";
import type { TenantId } from "../ids.ts";
import { BusyError } from "../errors.ts";

/** Requests of one tenant that wait for events at once. */
const MAX_WAITING = 100;
/** Of all tenants together: each holds a connection. */
const MAX_WAITING_IN_ALL = 2_000;

export interface EventWaitsDeps {
  /** Calls `listener` after each event of the tenant. Returns what stops it. */
  readonly onPublished: (tenantId: TenantId, listener: () => void) => () => void;
  /** A suspended tenant gets nothing more, not even from what it opened before. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Aborted when the gateway stops: nobody waits any longer. */
  readonly stopping: AbortSignal;
  readonly clock: Pick<Clock, "after">;
}

/** One request's place among those that wait. An event that came between two calls of `next` is not missed. */
export interface EventWait {
  /** Resolves when an event was published since it was last called, or else after `ms`, or when all is over. */
  next(ms: number): Promise<void>;
  /** It was ended, its key does not count any more, the tenant is suspended, or the gateway stops. */
  readonly over: boolean;
  end(): void;
}

export interface EventWaits {
  /**
   * @param rights Aborts once the key that let the request in does not count any more.
   * @throws {BusyError} If too many requests of the tenant, or of all tenants, wait already.
   */
  open(tenantId: TenantId, rights: AbortSignal): EventWait;
}

export function createEventWaits({ onPublished, isSuspended, stopping, clock }: EventWaitsDeps): EventWaits {
  const waiting = new Map<TenantId, number>();
  let inAll = 0;
  return {
    open(tenantId, rights) {
      const count = waiting.get(tenantId) ?? 0;
      if (inAll >= MAX_WAITING_IN_ALL) {
        throw new BusyError("Cannot wait for events: too many requests do already", 5);
      }
      if (count >= MAX_WAITING) {
        throw new BusyError(`Cannot wait for events: ${MAX_WAITING} requests of yours do already`, 1);
      }
      waiting.set(tenantId, count + 1);
      inAll++;
      let news = false;
      let ended = false;
      let wake = () => {};
      const rouse = () => {
        news = true;
        wake();
      };
      const stop = onPublished(tenantId, rouse);
      stopping.addEventListener("abort", rouse);
      rights.addEventListener("abort", rouse);
      const isOver = () => ended || stopping.aborted || rights.aborted || isSuspended(tenantId);
      return {
        get over() {
          return isOver();
        },
        async next(ms) {
          if (!news && !isOver()) {
            await new Promise<void>((resolve) => {
              const timer = clock.after(ms, resolve);
              wake = () => {
                timer.cancel();
                resolve();
              };
            });
            wake = () => {};
          }
          news = false;
        },
        end() {
          if (ended) return;
          ended = true;
          stop();
          stopping.removeEventListener("abort", rouse);
          rights.removeEventListener("abort", rouse);
          rouse();
          inAll--;
          const left = (waiting.get(tenantId) ?? 1) - 1;
          if (left === 0) waiting.delete(tenantId);
          else waiting.set(tenantId, left);
        },
      };
    },
  };
}
