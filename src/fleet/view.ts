import type { DeviceId } from "../ids.ts";
import type { Gateways } from "../store/gateways.ts";
import type { Leases } from "../store/leases.ts";
import { differing } from "./settings_digest.ts";
import { DEVICE_LEASES, deviceIn, TASK_LEASES } from "./lease_names.ts";

/** A gateway as operators see it. */
export interface GatewayView {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** It hands over what it holds. */
  readonly draining: boolean;
  /** The one that answers. */
  readonly isThis: boolean;
  /** How many devices it holds. */
  readonly devices: number;
  /** What it does. */
  readonly roles: readonly string[];
  /** How many devices it takes compared with others. */
  readonly weight: number;
  /** Its settings that have to be those of the one that answers, and are not. */
  readonly differing: readonly string[];
}

/** Who works on the store, and who does what. `gateway` is a name; null: nobody does it now. */
export interface FleetView {
  readonly gateways: readonly GatewayView[];
  readonly devices: readonly { readonly deviceId: DeviceId; readonly gateway: string | null }[];
  readonly tasks: readonly { readonly task: string; readonly gateway: string | null }[];
}

/** Reads who works on the store, as it is now. */
export function createFleetView({ gateways, leases, id, settingsDigest }: {
  readonly gateways: Pick<Gateways, "all">;
  readonly leases: Pick<Leases, "list">;
  /** Of the gateway that answers. */
  readonly id: () => string;
  readonly settingsDigest: string;
}): () => Promise<FleetView> {
  return async () => {
    const [rows, devices, tasks] = await Promise.all([
      gateways.all(),
      leases.list(DEVICE_LEASES),
      leases.list(TASK_LEASES),
    ]);
    const names = new Map(rows.map((row) => [row.id, row.name]));
    const nameOf = (holder: string | null) => holder === null ? null : names.get(holder) ?? null;
    const shown = devices.filter(({ wanted, holder }) => wanted || holder !== null);
    return {
      gateways: rows.map((
        { id: each, name, version, startedAt, draining, roles, weight, settingsDigest: digest },
      ) => ({
        id: each,
        name,
        version,
        startedAt,
        draining,
        isThis: each === id(),
        devices: devices.filter(({ holder }) => holder === each).length,
        roles: roles.split(","),
        weight,
        differing: differing(settingsDigest, digest),
      })),
      devices: shown.map(({ name, holder }) => ({ deviceId: deviceIn(name), gateway: nameOf(holder) })),
      tasks: tasks.map(({ name, holder }) => ({
        task: name.slice(TASK_LEASES.length),
        gateway: nameOf(holder),
      })),
    };
  };
}
