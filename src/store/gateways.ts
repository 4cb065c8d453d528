/** What a gateway tells of itself when it joins. */
export interface NewGateway {
  /** Random, new for each start of a process and after each time that it was cut off: it never comes back. */
  readonly id: string;
  /** What people call it, such as the host's name. */
  readonly name: string;
  /** What it does, such as `http,devices,deliveries`. */
  readonly roles: string;
  /** How many devices it takes compared with others. */
  readonly weight: number;
  /** Equal for gateways whose settings that have to agree do so. */
  readonly settingsDigest: string;
  readonly version: string;
  /** Epoch ms, for people. */
  readonly startedAt: number;
}

/** A gateway as the others see it. */
export interface GatewayRow extends NewGateway {
  /** A counter that grows while the gateway lives: whoever sees it stand still long enough may declare it dead. */
  readonly beat: number;
  /** It hands over what it holds and takes nothing new. */
  readonly draining: boolean;
}

/**
 * The gateways that work on this store. No clock is compared: a gateway lives as long as its counter is seen to grow by
 * the others' own monotonic clocks.
 */
export interface Gateways {
  /**
   * Enters a gateway; deliveries that this opening of the store takes in hand from now on are in hand only as long as
   * the gateway is entered. An earlier incarnation of the same process is removed in the same transaction, as by
   * `remove`. Where one process has the store to itself, all other entries are removed.
   */
  join(gateway: NewGateway, instead?: string): Promise<void>;
  /** Raises the counter. False: the gateway is not entered any more; it was declared dead. */
  beat(id: string): Promise<boolean>;
  setDraining(id: string, draining: boolean): Promise<boolean>;
  /** Oldest first. */
  all(): Promise<readonly GatewayRow[]>;
  /**
   * Removes a gateway and frees its leases, in one transaction. With `seen`, only if its counter still stands there:
   * false when the gateway raised it meanwhile, or is not entered.
   */
  remove(id: string, seen?: number): Promise<boolean>;
}
