import type { Clock } from "../async/clock.ts";
import { createFairPlaces } from "../async/fair_places.ts";
import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { Claimed } from "./claimed.ts";
import type { Job, Lane } from "./lane.ts";

const log = logOf("webhooks");

/**
 * Claims at once, of all and of one tenant: the store writes them in the order in which they are asked, and with a
 * thousand webhooks of a tenant due at one time, everybody's events would wait behind them.
 */
const CLAIMS = { inAll: 64, ofOne: 16 };

export interface ClaimsDeps {
  readonly claimed: Claimed;
  readonly deliveries: Pick<Deliveries, "cancelPending">;
  readonly clock: Pick<Clock, "now" | "after">;
  /** The lane has work. */
  readonly onWork: (lane: Lane) => void;
  /** The store refused something; the sweep finds again what it was about. */
  readonly refused: (error: unknown) => void;
}

/**
 * Keeps lanes supplied with deliveries that are due: fetches as many as they have room for, gives back what is too
 * much.
 */
export interface Claims {
  /** Hands jobs to a lane; those of a webhook that was paused meanwhile go back. */
  admit(lane: Lane, jobs: readonly Job[]): void;
  /** Fetches what the lane is behind with. */
  fetchMore(lane: Lane): Promise<void>;
  /** The first pending delivery of this ordering key is due. */
  fetchKey(lane: Lane, key: string): void;
  /** The store may hold due deliveries of this lane. */
  look(lane: Lane): void;
  /** The same at that time, epoch ms; instead of any time that was set before. */
  lookAt(lane: Lane, at: number): void;
  giveBack(lane: Lane, jobs: readonly Job[]): void;
  /** The webhook was removed: what was stored for it at the same moment goes nowhere. */
  cancelAll(webhookId: WebhookId): void;
  /** Fetches nothing any more. */
  stop(): void;
}

export function createClaims({ claimed, deliveries, clock, onWork, refused }: ClaimsDeps): Claims {
  const { now } = clock;
  const places = createFairPlaces(CLAIMS);
  let stopped = false;

  function admit(lane: Lane, jobs: readonly Job[]): void {
    for (const job of jobs) lane.push(job);
    if (lane.webhook.status !== "active") giveBack(lane, lane.drop());
    onWork(lane);
  }

  async function fetchMore(lane: Lane): Promise<void> {
    if (lane.fetching || stopped || !lane.open(now())) return;
    lane.fetching = true;
    const next = () => stopped ? Promise.resolve([]) : claimed.next(lane);
    try {
      while (
        (lane.behind || lane.keysToFetch.size > 0) && lane.room > 0 && lane.room >= lane.held && !stopped
      ) {
        admit(lane, await places.run(lane.tenantId, next));
      }
    } catch (error) {
      lane.behind = true;
      refused(error);
    } finally {
      lane.fetched();
    }
  }

  function look(lane: Lane): void {
    lane.behind = true;
    onWork(lane);
    void fetchMore(lane);
  }

  function giveBack(lane: Lane, jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    lane.behind = true;
    // Should the store refuse, their leases run out.
    claimed.giveBack(jobs.map(({ delivery }) => delivery.number), now()).catch(refused);
  }

  return {
    admit,
    fetchMore,
    fetchKey(lane, key) {
      lane.fetchKey(key);
      void fetchMore(lane);
    },
    look,
    lookAt(lane, at) {
      lane.timer?.cancel();
      lane.timer = clock.after(Math.max(0, at - now()), () => look(lane));
    },
    giveBack,
    cancelAll(webhookId) {
      deliveries.cancelPending(webhookId, now()).catch((error: unknown) => {
        log.error("webhook.not_cancelled", { webhook: webhookId, error: messageOf(error) });
      });
    },
    stop: () => stopped = true,
  };
}
