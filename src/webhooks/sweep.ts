import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";

const EVERY_MS = 30_000;
/** After something was due, what falls due right after it is looked for so much later. */
const SHORTLY_MS = 250;

const log = logOf("webhooks");

export interface SweepDeps {
  readonly deliveries: Pick<Deliveries, "due">;
  /** The webhooks that may be delivered to. */
  readonly active: () => readonly WebhookId[];
  readonly poke: (webhookId: WebhookId) => void;
  readonly clock: Pick<Clock, "now" | "after">;
}

/**
 * Looks for due deliveries that nobody has in hand: at start, every 30 s, and in between when one falls due. It makes
 * up for alarms that never came, whatever the reason.
 */
export function createSweep({ deliveries, active, poke, clock }: SweepDeps) {
  const timers = new Map<WebhookId, Timer>();
  let timer: Timer | undefined;
  let stopped = false;

  /** @param poked What was due first when the webhook was last poked; if it still is, its lane has enough to do. */
  async function look(webhookIds: readonly WebhookId[], poked?: number): Promise<void> {
    const at = clock.now();
    for (const [webhookId, { dueNow, nextDueAt }] of await deliveries.due(webhookIds, at)) {
      if (dueNow) poke(webhookId);
      if (dueNow && nextDueAt !== poked) lookAgain(webhookId, SHORTLY_MS, nextDueAt);
      else if (!dueNow && nextDueAt < at + EVERY_MS) lookAgain(webhookId, nextDueAt - at + 1);
    }
  }

  function lookAgain(webhookId: WebhookId, afterMs: number, poked?: number): void {
    if (stopped) return;
    timers.get(webhookId)?.cancel();
    const again = clock.after(afterMs, () => {
      timers.delete(webhookId);
      look([webhookId], poked).catch(failed);
    });
    timers.set(webhookId, again);
  }

  function failed(error: unknown): void {
    if (!stopped) log.error("sweep.failed", { error: messageOf(error) });
  }

  async function again(): Promise<void> {
    await look(active()).catch(failed);
    if (!stopped) timer = clock.after(EVERY_MS, again);
  }

  return {
    /** Sweeps once, then goes on. */
    start: again,
    /** Sweeps once more now: what another gateway had in hand is free. */
    now: () => look(active()).catch(failed),
    stop() {
      stopped = true;
      timer?.cancel();
      for (const waiting of timers.values()) waiting.cancel();
    },
  };
}
