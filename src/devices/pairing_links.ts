import { randomBytes } from "node:crypto";
import type { DeviceId, TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { ShortLived, ShortLivedThing } from "../store/short_lived.ts";

const KIND = "pairing_link";
const LASTS_MS = 15 * 60_000;
const log = logOf("devices");

/** A page for whoever holds the phone: it shows the codes of one device and nothing else. */
export interface PairingLink {
  /** 128 bits of chance: who knows it may see the page. */
  readonly token: string;
  readonly tenantId: TenantId;
  readonly deviceId: DeviceId;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Links last 15 minutes, over restarts. */
export interface PairingLinks {
  /** Makes one; an earlier one of the device ends. */
  make(tenantId: TenantId, deviceId: DeviceId): Promise<PairingLink>;
  byToken(token: string): Promise<PairingLink | undefined>;
  of(deviceId: DeviceId): Promise<PairingLink | undefined>;
  /** Ends the device's link: it is linked, or its owner wants no more. */
  end(deviceId: DeviceId): Promise<void>;
}

export function createPairingLinks({ shortLived, now }: {
  readonly shortLived: Pick<ShortLived, "put" | "get" | "about" | "removeAbout">;
  readonly now: () => number;
}): PairingLinks {
  return {
    async make(tenantId, deviceId) {
      await shortLived.removeAbout(KIND, deviceId);
      const token = randomBytes(16).toString("base64url");
      const createdAt = now();
      const expiresAt = createdAt + LASTS_MS;
      await shortLived.put({
        kind: KIND,
        id: token,
        tenantId,
        about: deviceId,
        body: "",
        createdAt,
        expiresAt,
      });
      log.info("device.pairing_link_made", { deviceId, tenantId });
      return { token, tenantId, deviceId, expiresAt };
    },
    byToken: async (token) => linkOf(await shortLived.get(KIND, token, now())),
    of: async (deviceId) => linkOf(await shortLived.about(KIND, deviceId, now())),
    async end(deviceId) {
      await shortLived.removeAbout(KIND, deviceId);
    },
  };
}

function linkOf(thing: ShortLivedThing | undefined): PairingLink | undefined {
  if (thing === undefined) return undefined;
  const { id: token, tenantId, about: deviceId, expiresAt } = thing;
  return { token, tenantId, deviceId, expiresAt };
}
