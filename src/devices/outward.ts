import type { DeviceId, TenantId } from "../ids.ts";
import type { Session } from "../whatsapp/session.ts";
import type { Supervisor } from "./supervisor.ts";

export interface OutwardDeps {
  readonly supervisor: Pick<Supervisor, "get" | "logout" | "remove" | "tenantOf">;
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** Gives up what waits for a device, and what still comes. */
  readonly abandon: (id: DeviceId) => Promise<void>;
}

/**
 * The way out through devices: nothing leaves through those of a suspended tenant, nor through one that is connected
 * only to be unlinked.
 */
export interface Outward {
  /** The session of a device that is connected now and may send. */
  sessionOf(id: DeviceId): Session | undefined;
  /** As the supervisor's, with the way out closed meanwhile. */
  logout(id: DeviceId): Promise<void>;
  remove(id: DeviceId): Promise<void>;
}

export function createOutward({ supervisor, isSuspended, abandon }: OutwardDeps): Outward {
  const leaving = new Set<DeviceId>();

  async function leave(id: DeviceId, work: (id: DeviceId) => Promise<void>): Promise<void> {
    leaving.add(id);
    await work(id).finally(() => leaving.delete(id));
  }

  return {
    sessionOf(id) {
      const tenantId = supervisor.tenantOf(id);
      const rests = leaving.has(id) || (tenantId !== undefined && isSuspended(tenantId));
      return rests ? undefined : supervisor.get(id);
    },
    logout: (id) => leave(id, supervisor.logout),
    async remove(id) {
      await abandon(id);
      await leave(id, supervisor.remove);
      await abandon(id); // what was on its way
    },
  };
}
