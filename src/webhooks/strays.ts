import type { Deliveries } from "../store/deliveries.ts";
import type { Registry } from "./registry.ts";

/** Cancels what a crash left behind for webhooks that were being removed then: it goes nowhere. */
export async function cancelStrays({ deliveries, registry, now }: {
  readonly deliveries: Pick<Deliveries, "cancelStray" | "pendingWebhooks">;
  readonly registry: Pick<Registry, "get">;
  readonly now: () => number;
}): Promise<void> {
  for (const id of await deliveries.pendingWebhooks()) {
    if (registry.get(id) === undefined) await deliveries.cancelStray(id, now());
  }
}
