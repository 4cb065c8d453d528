import type { DeviceId } from "../ids.ts";
import type { FencedStore } from "../store/store.ts";

/** What runs a device's line, for whoever decides where it runs. */
export interface LineControl {
  /** Connects a device that is wanted; resolves when that has begun. */
  begin(deviceId: DeviceId): Promise<void>;
  /** Closes a device's connection once what it holds is stored; what is wanted stays wanted. */
  release(deviceId: DeviceId): Promise<void>;
  /** Closes a device's connection at once, before it returns: its lease is lost. */
  cut(deviceId: DeviceId): void;
}

/** Where devices are held: by one gateway each. */
export interface Holding {
  /**
   * The parts of the store that a device's session writes.
   * @throws {LeaseLostError} If the device is not held here.
   */
  storeOf(deviceId: DeviceId): FencedStore;
  /** The device may be connected by this gateway. */
  isHere(deviceId: DeviceId): boolean;
  /** The devices that are held here; none where nobody else could hold them. */
  held(): readonly DeviceId[];
  /** Looks up who holds the device; `nowhere`: nobody does. */
  whereIs(deviceId: DeviceId): Promise<"here" | "elsewhere" | "nowhere">;
  /** Brings a device that nobody holds to where it is to be run. True: that is here. */
  bring(deviceId: DeviceId): Promise<boolean>;
  /** The device is to be kept connected, or not any more. */
  want(deviceId: DeviceId, wanted: boolean): Promise<void>;
  /** The device was removed. */
  forget(deviceId: DeviceId): Promise<void>;
  /** Takes what is to be held here from now on. */
  start(lines: LineControl): Promise<void>;
  /** Hands everything over. */
  stop(): Promise<void>;
}
