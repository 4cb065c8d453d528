import type { Devices } from "../store/devices.ts";
import type { Store } from "../store/store.ts";
import type { Holding } from "./fleet.ts";
import type { FleetView } from "./view.ts";

/** All devices are held here: one process has the store to itself. */
export function createAlone(store: Store): Holding {
  return {
    storeOf: () => store,
    isHere: () => true,
    held: () => [],
    whereIs: () => Promise.resolve("here"),
    bring: () => Promise.resolve(true),
    want: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

/** The fleet of one. */
export function viewOfOne({ name, version, startedAt, roles, devices }: {
  readonly name: string;
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly roles: readonly string[];
  readonly devices: Pick<Devices, "list">;
}): () => Promise<FleetView> {
  const id = crypto.randomUUID();
  return async () => {
    const held = await devices.list({ kind: "whatsapp", wanted: true });
    const own = {
      id,
      name,
      version,
      startedAt,
      draining: false,
      isThis: true,
      roles,
      weight: 1,
      differing: [],
    };
    return {
      gateways: [{ ...own, devices: held.length }],
      devices: held.map((device) => ({ deviceId: device.id, gateway: name })),
      tasks: [],
    };
  };
}
