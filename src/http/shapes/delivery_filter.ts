import type { DeliveryFilter, DeliveryStatus } from "../../store/deliveries.ts";
import type { Devices } from "../../store/devices.ts";

/** A filter of deliveries as routes take it; times in Unix seconds, a device by its id or alias. */
export interface GivenFilter {
  readonly webhook_id?: string;
  readonly device_id?: string;
  readonly event_id?: string;
  readonly event?: string;
  readonly status?: DeliveryStatus;
  readonly status_code?: number;
  readonly since?: number;
  readonly until?: number;
}

/** The filter as the store takes it, for the deliveries of one tenant. */
export async function deliveryFilterOf(
  tenantId: string,
  given: GivenFilter,
  devices: Pick<Devices, "find">,
): Promise<DeliveryFilter> {
  const device = given.device_id === undefined ? undefined : await devices.find(tenantId, given.device_id);
  return {
    tenantId,
    webhookIds: given.webhook_id === undefined ? undefined : [given.webhook_id],
    deviceId: device?.id ?? given.device_id,
    eventId: given.event_id,
    name: given.event,
    status: given.status,
    statusCode: given.status_code,
    since: given.since === undefined ? undefined : given.since * 1000,
    until: given.until === undefined ? undefined : given.until * 1000,
  };
}
