import { messageOf } from "../errors.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";

const EVERY_MS = 30_000;

const log = logOf("webhooks");

export interface SweepDeps {
  readonly deliveries: Pick<Deliveries, "due">;
  /** The webhooks that may be delivered to. */
  readonly active: () => readonly WebhookId[];
  readonly poke: (webhookId: WebhookId, options?: { readonly at: number }) => void;
  readonly now: () => number;
}

/**
 * Looks for due deliveries that nobody has in hand: at start, and then every 30 s. It makes up for alarms that never
 * came, whatever the reason.
 */
export function createSweep({ deliveries, active, poke, now }: SweepDeps) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function sweep(): Promise<void> {
    const at = now();
    for (const [webhookId, { dueNow, nextDueAt }] of await deliveries.due(active(), at)) {
      if (dueNow) poke(webhookId);
      else if (nextDueAt < at + EVERY_MS) poke(webhookId, { at: nextDueAt });
    }
  }

  async function again(): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      log.error("sweep.failed", { error: messageOf(error) });
    }
    if (!stopped) timer = setTimeout(again, EVERY_MS);
  }

  return {
    /** Sweeps once, then goes on. */
    start: again,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
