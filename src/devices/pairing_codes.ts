import type { Device } from "../store/devices.ts";
import type { ShortLived } from "../store/short_lived.ts";

const KIND = "pairing_code";

/** What is typed into a phone to link it. */
export interface PairingCode {
  readonly code: string;
  /** The number that it was asked for, digits. */
  readonly phone: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** The codes that devices are being linked with, for whichever gateway is asked to show one again. */
export interface PairingCodes {
  /** Keeps a code in the place of an earlier one of the device. */
  keep(device: Pick<Device, "id" | "tenantId">, made: PairingCode): Promise<void>;
  of(device: Pick<Device, "id">): Promise<PairingCode | undefined>;
  /** Forgets the device's code: WhatsApp takes one only while the connection lasts that asked for it. */
  end(device: Pick<Device, "id">): Promise<void>;
}

export function createPairingCodes({ shortLived, now }: {
  readonly shortLived: Pick<ShortLived, "put" | "get" | "removeAbout">;
  readonly now: () => number;
}): PairingCodes {
  return {
    async keep({ id, tenantId }, { expiresAt, ...made }) {
      const [createdAt, body] = [now(), JSON.stringify(made)];
      await shortLived.put({ kind: KIND, id, tenantId, about: id, body, createdAt, expiresAt });
    },
    async of({ id }) {
      const found = await shortLived.get(KIND, id, now());
      if (found === undefined) return undefined;
      const made = JSON.parse(found.body) as Omit<PairingCode, "expiresAt">; // written above
      return { ...made, expiresAt: found.expiresAt };
    },
    async end({ id }) {
      await shortLived.removeAbout(KIND, id);
    },
  };
}
