import type { DeviceId } from "../ids.ts";

/** A device's proxy as it may be shown. */
export interface ShownProxy {
  /** Such as `socks5://proxy.example:1080`. */
  readonly address: string;
  readonly hasCredentials: boolean;
  /** Why the last connection through it failed; null when it worked, or was not tried. */
  readonly error: string | null;
}

/** What a proxy is entered with. */
export interface NewProxy {
  /** With user name and password: a secret. */
  readonly url: string;
  readonly address: string;
  readonly hasCredentials: boolean;
}

/** Proxies of the devices that have one. */
export interface DeviceProxies {
  /** The proxy's URL with what is secret in it. */
  url(deviceId: DeviceId): Promise<string | undefined>;
  /** Those of these devices that have one. */
  shown(deviceIds: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, ShownProxy>>;
  /** Null takes it away. */
  set(deviceId: DeviceId, proxy: NewProxy | null): Promise<void>;
  /**
   * Notes how a connection went, null for well.
   * @returns Whether that is another state than before: an error after none, or none after an error.
   */
  report(deviceId: DeviceId, error: string | null): Promise<boolean>;
}
