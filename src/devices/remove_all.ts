import { NotFoundError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { DeviceService } from "./devices.ts";

const PAGE = 100;

/** Unlinks and removes all devices of a tenant that is being removed. */
export async function removeAll(
  tenantId: TenantId,
  devices: Pick<DeviceService, "list" | "remove">,
): Promise<void> {
  for (;;) {
    const page = await devices.list(tenantId, { limit: PAGE, offset: 0 });
    if (page.devices.length === 0) return;
    await Promise.all(page.devices.map(({ id }) =>
      devices.remove(tenantId, id).catch((error: unknown) => {
        if (!(error instanceof NotFoundError)) throw error; // somebody else was faster
      })
    ));
  }
}
