import type { TenantId } from "../ids.ts";
import type { Blasts } from "../store/blasts.ts";
import type { Devices, DeviceStatus } from "../store/devices.ts";
import type { Webhook } from "../store/webhooks.ts";
import type { EndpointState } from "../webhooks/endpoint_state.ts";
import { deviceTrouble, webhookTrouble } from "./attention.ts";

/** Statuses in which a device may need somebody. */
const DOWN: readonly DeviceStatus[] = ["failed", "needs_pairing", "disconnected", "connecting"];

/** A tenant where something needs somebody. */
export interface TroubledTenant {
  readonly tenantId: TenantId;
  /** Things that need somebody. */
  readonly needs: number;
  /** Deliveries that wait for endpoints in trouble. */
  readonly failing: number;
}

export interface TroubledDeps {
  readonly devices: Pick<Devices, "list">;
  readonly blasts: Pick<Blasts, "inStatus">;
  readonly webhooks: () => Iterable<Webhook>;
  /** Whether a webhook's endpoint has failed lately, as far as memory tells. */
  readonly hasFailed: (webhook: Webhook) => boolean;
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly now: () => number;
}

/**
 * Lists the tenants where something needs somebody, worst first. It asks for what is in trouble now, whosever that is,
 * and not for each tenant: tenants without trouble, and what was before, cost nothing.
 */
export function createTroubled(deps: TroubledDeps) {
  return async (): Promise<readonly TroubledTenant[]> => {
    const suspects = [...deps.webhooks()].filter((webhook) =>
      webhook.status === "disabled" || (webhook.status === "active" && deps.hasFailed(webhook))
    );
    const [devices, blasts, states] = await Promise.all([
      deps.devices.list({ kind: "whatsapp", statuses: DOWN }),
      deps.blasts.inStatus(["paused"]),
      Promise.all(suspects.map(async (webhook) => ({ webhook, state: await deps.endpointState(webhook) }))),
    ]);
    const found = new Map<TenantId, TroubledTenant>();
    const add = (tenantId: TenantId, waits = 0) => {
      const { needs, failing } = found.get(tenantId) ?? { needs: 0, failing: 0 };
      found.set(tenantId, { tenantId, needs: needs + 1, failing: failing + waits });
    };
    for (const device of devices) {
      if (deviceTrouble(device, deps.now()) !== undefined) add(device.tenantId);
    }
    for (const { tenantId } of blasts) add(tenantId);
    for (const { webhook, state } of states) {
      if (webhookTrouble(state.health) !== undefined) add(webhook.tenantId, state.waiting + state.failed);
    }
    return [...found.values()].toSorted((a, b) =>
      b.needs - a.needs || b.failing - a.failing || (a.tenantId < b.tenantId ? -1 : 1)
    );
  };
}
