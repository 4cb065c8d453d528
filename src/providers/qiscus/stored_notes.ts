import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { NotedDepartures } from "../../store/departures.ts";
import type { HeldLease } from "../../store/leases.ts";
import type { Departures } from "./in_doubt_log.ts";

const log = logOf("messages");

/**
 * Keeps the notes in the store, where the next gateway finds them. A note is committed before the request is made, and
 * only while this gateway holds the lease under which it sends: whoever takes over sees it, or the request is not made.
 */
export function createStoredDepartures({ departures, fenced, lease }: {
  readonly departures: NotedDepartures;
  readonly fenced: (lease: HeldLease) => { readonly departures: Pick<NotedDepartures, "leave"> };
  /** Under which this gateway sends. @throws {LeaseLostError} If it may not. */
  readonly lease: () => HeldLease;
}): Departures {
  return {
    async leaving(messageId) {
      await fenced(lease()).departures.leave(messageId);
    },
    left() {},
    returned: (messageId) => departures.returned(messageId),
    fateOf: (messageId) => departures.fateOf(messageId),
    decided(messageId) {
      departures.forget(messageId).catch((error) =>
        // it goes with its message
        log.warn("departure.not_forgotten", { messageId, error: messageOf(error) })
      );
    },
    settle() {},
    close() {},
  };
}
