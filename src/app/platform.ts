import type { ListenDeps, Listener } from "../listener/listen.ts";
import { listen } from "../listener/listen.ts";
import type { GatewayRole, Settings } from "../config.ts";
import { openStorage, type Storage, type World } from "./storage.ts";

/** Where a gateway runs: what it has there, and how requests reach it. */
export interface Platform {
  /** What a gateway can do there. */
  readonly roles: readonly GatewayRole[];
  /** There is a disk whose files outlast a request. */
  readonly keepsFiles: boolean;
  /** What is in flight when the gateway is asked to stop has this long to end. */
  readonly graceMs: number;
  openStorage(settings: Settings, world: World): Promise<Storage>;
  listen(deps: ListenDeps): Promise<Listener>;
}

/** A machine, or a container on one: everything is there. */
export const MACHINE: Platform = {
  roles: ["http", "devices", "deliveries"],
  keepsFiles: true,
  graceMs: 10_000,
  openStorage,
  listen,
};
