// Gateways on one database of Postgres, in this process, each with a switch for whether it may act, for what stands on membership.
import type { Membership } from "../../src/fleet/membership.ts";
import type { GatewayRow } from "../../src/store/gateways.ts";
import type { Store } from "../../src/store/store.ts";
import { openTemporaryPostgres } from "./postgres.ts";

export interface Member {
  readonly membership: Membership;
  /** Whether it may act under its leases. */
  isSafe: boolean;
  /** It sees the gateways that are entered now; until then, those that it saw before. */
  see(): Promise<void>;
}

export interface FleetOfStores extends AsyncDisposable {
  readonly store: Store;
  /** Enters a gateway, which sees those that are there. */
  enter(id: string): Promise<Member>;
}

export async function fleetOfStores(): Promise<FleetOfStores> {
  const store = await openTemporaryPostgres();
  return {
    store,
    async enter(id) {
      await store.gateways.join({
        id,
        name: id,
        roles: "http,devices,deliveries",
        weight: 1,
        settingsDigest: "",
        version: "1",
        startedAt: 0,
      });
      let rows: readonly GatewayRow[] = await store.gateways.all();
      const member: Member = {
        isSafe: true,
        membership: {
          id,
          get isSafe() {
            return member.isSafe;
          },
          get gateways() {
            return rows;
          },
          enter: () => Promise.resolve(),
          drain: () => Promise.resolve(),
          leave: () => Promise.resolve(),
        },
        async see() {
          rows = await store.gateways.all();
        },
      };
      return member;
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}
