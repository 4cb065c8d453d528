import type { Platform } from "../app/platform.ts";
import { openSharedStorage } from "../app/storage.ts";
import type { ListenDeps } from "../listener/listen.ts";

/** The platform ends a program five seconds after it has asked. */
const GRACE_MS = 3_500;

/** Answers a request that came from this address. */
export type Handle = ListenDeps["handle"];

/**
 * Deno Deploy: no disk, no devices, and requests that the platform brings.
 * @param onHandle Gets what answers requests, as soon as the gateway can.
 */
export function deployPlatform(onHandle: (handle: Handle) => void): Platform {
  return {
    roles: ["http", "deliveries"],
    keepsFiles: false,
    graceMs: GRACE_MS,
    openStorage: openSharedStorage,
    listen({ handle, port }) {
      onHandle(handle);
      return Promise.resolve({
        port,
        load: () => ({ open: 0, turnedAway: 0 }), // the platform keeps the connections
        close: () => Promise.resolve(),
        end() {},
      });
    },
  };
}
