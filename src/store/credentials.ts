import type { DeviceId } from "../ids.ts";

/** One entry of a device's Signal key store. `value` is what the session serialised; null removes the entry. */
export interface KeyEntry {
  readonly type: string;
  readonly id: string;
  readonly value: string | null;
}

/** A device's WhatsApp identity: its credentials and its Signal keys. The values are opaque text. */
export interface Credentials {
  load(deviceId: DeviceId): Promise<string | undefined>;
  save(deviceId: DeviceId, creds: string): Promise<void>;
  /** The values that exist, by id. */
  keys(deviceId: DeviceId, type: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Sets and removes keys, all or none. */
  setKeys(deviceId: DeviceId, entries: readonly KeyEntry[]): Promise<void>;
  /** Forgets the identity: credentials and keys. */
  clear(deviceId: DeviceId): Promise<void>;
}
