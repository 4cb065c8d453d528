import type { TenantId } from "../../ids.ts";
import { tooMany } from "../errors.ts";

/** Requests of one tenant that wait for events at once. */
const MAX_WAITING = 100;

export interface EventWaitsDeps {
  /** Calls `listener` after each event of the tenant. Returns what stops it. */
  readonly onPublished: (tenantId: TenantId, listener: () => void) => () => void;
  /** A suspended tenant gets nothing more, not even from what it opened before. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Aborted when the gateway stops: nobody waits any longer. */
  readonly stopping: AbortSignal;
}

/** One request's place among those that wait. An event that came between two calls of `next` is not missed. */
export interface EventWait {
  /** Resolves when an event was published since it was last called, or else after `ms`, or when all is over. */
  next(ms: number): Promise<void>;
  /** It was ended, the tenant is suspended, or the gateway stops. */
  readonly over: boolean;
  end(): void;
}

export interface EventWaits {
  /** @throws {HttpError} 429 if too many requests of the tenant wait already. */
  open(tenantId: TenantId): EventWait;
}

export function createEventWaits({ onPublished, isSuspended, stopping }: EventWaitsDeps): EventWaits {
  const waiting = new Map<TenantId, number>();
  return {
    open(tenantId) {
      const count = waiting.get(tenantId) ?? 0;
      if (count >= MAX_WAITING) {
        throw tooMany(`Cannot wait for events: ${MAX_WAITING} requests of yours do already`, {
          headers: { "Retry-After": "1" },
        });
      }
      waiting.set(tenantId, count + 1);
      let news = false;
      let ended = false;
      let wake = () => {};
      const rouse = () => {
        news = true;
        wake();
      };
      const stop = onPublished(tenantId, rouse);
      stopping.addEventListener("abort", rouse);
      const isOver = () => ended || stopping.aborted || isSuspended(tenantId);
      return {
        get over() {
          return isOver();
        },
        async next(ms) {
          if (!news && !isOver()) {
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, ms);
              wake = () => {
                clearTimeout(timer);
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
          rouse();
          const left = (waiting.get(tenantId) ?? 1) - 1;
          if (left === 0) waiting.delete(tenantId);
          else waiting.set(tenantId, left);
        },
      };
    },
  };
}
