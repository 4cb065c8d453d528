import type { DeviceId } from "../ids.ts";

/**
 * One entry of a device's Signal key store. `value` is what the session serialised; null removes the entry.
 */
export interface KeyEntry {
  readonly type: string;
  readonly id: string;
  readonly value: string | null;
}

/**
 * Types of keys that hold ratchets, which only turn forward: an old copy of one is worse than none. What is
 * missing is agreed upon anew with the next message; who the device is to WhatsApp does not rest on them.
 */
export const RATCHETS: readonly string[] = ["session", "sender-key", "sender-key-memory"];

/** A device's WhatsApp identity: its credentials and its Signal keys. The values are opaque text. */
export interface Credentials {
  load(deviceId: DeviceId): Promise<string | undefined>;
  save(deviceId: DeviceId, creds: string): Promise<void>;
  /** The values that exist, by id. */
  keys(deviceId: DeviceId, type: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Sets and removes keys, all or none. */
  setKeys(deviceId: DeviceId, entries: readonly KeyEntry[]): Promise<void>;
  /**
   * Forgets the ratchets of all devices and keeps who they are: after an old copy of the store was brought
   * back.
   */
  forgetRatchets(): Promise<void>;
  /** Forgets the identity: credentials and keys. */
  clear(deviceId: DeviceId): Promise<void>;
}
