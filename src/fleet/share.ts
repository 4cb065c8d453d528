import type { GatewayRow } from "../store/gateways.ts";

/** A gateway may hold so much more than its share before it gives something away: moving costs a reconnection. */
const TOLERANCE = 0.1;

/** How many of `wanted` devices a gateway is to hold; 0 for one that takes nothing. */
export function shareOf(id: string, gateways: readonly GatewayRow[], wanted: number): number {
  const takers = gateways.filter(takesDevices);
  const own = takers.find((gateway) => gateway.id === id);
  if (own === undefined) return 0;
  const all = takers.reduce((sum, { weight }) => sum + weight, 0);
  return Math.ceil(wanted * own.weight / all);
}

/** Whether a gateway with so many devices is to give one away. */
export function holdsTooMany(held: number, share: number): boolean {
  return held > share + Math.max(1, share * TOLERANCE);
}

/** Who of the others holds least for its weight; undefined: nobody takes devices. */
export function leastLoaded(
  gateways: readonly GatewayRow[],
  heldBy: ReadonlyMap<string, number>,
  except: string,
): string | undefined {
  return gateways
    .filter((gateway) => gateway.id !== except && takesDevices(gateway))
    .toSorted((a, b) => loadWithOneMore(a, heldBy) - loadWithOneMore(b, heldBy) || (a.id < b.id ? -1 : 1))[0]
    ?.id;
}

/** What a gateway would hold for its weight, were it given one device more. */
export function loadWithOneMore(
  { id, weight }: Pick<GatewayRow, "id" | "weight">,
  heldBy: ReadonlyMap<string, number>,
): number {
  return ((heldBy.get(id) ?? 0) + 1) / weight;
}

/** Whether a gateway holds devices at all. */
export function takesDevices({ draining, roles }: Pick<GatewayRow, "draining" | "roles">): boolean {
  return !draining && rolesIn(roles).includes("devices");
}

function rolesIn(roles: string): readonly string[] {
  return roles.split(",");
}
