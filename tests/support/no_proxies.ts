import type { Proxies } from "../../src/devices/proxies.ts";

/** Proxies of devices that have none. */
export const noProxies: Pick<Proxies, "check" | "save" | "shown"> = {
  check() {
    throw new Error("No proxies here");
  },
  save: () => Promise.resolve(),
  shown: () => Promise.resolve(new Map()),
};
