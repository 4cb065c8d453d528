/** A lease that is held: the proof that writes of its holder carry. */
export interface HeldLease {
  /** `device/<id>` or `task/<what>`. */
  readonly name: string;
  /** The gateway's id. */
  readonly holder: string;
  /** Grows with every change of holder. */
  readonly epoch: number;
}

export interface Lease {
  readonly name: string;
  /** Null: nobody holds it. */
  readonly holder: string | null;
  readonly epoch: number;
  /** Somebody is to hold it. */
  readonly wanted: boolean;
  /** The gateway that is to take it first. */
  readonly prefer: string | null;
}

/**
 * Who alone does what: holds a device, runs a task. A lease has no end by time: it ends when its holder gives it back,
 * or when its holder is removed from `Gateways`.
 */
export interface Leases {
  /** Makes leases that do not exist, and says whether somebody is to hold them. A holder keeps what it holds. */
  want(names: readonly string[], wanted: boolean): Promise<void>;
  /** Removes a lease, whoever holds it: its device is gone. */
  remove(name: string): Promise<void>;
  /** Those whose name begins so, by name. */
  list(prefix: string): Promise<readonly Lease[]>;
  get(name: string): Promise<Lease | undefined>;
  /**
   * Takes wanted leases that nobody holds, at most `limit`: those that prefer this holder first, those that prefer
   * nobody, and those that have been free for `patienceMs`, by the store's clock.
   */
  claim(
    holder: string,
    wish: { readonly prefix: string; readonly limit: number; readonly patienceMs: number },
  ): Promise<readonly HeldLease[]>;
  /** Takes one lease, making it if need be; undefined when somebody else holds it. */
  take(name: string, holder: string): Promise<HeldLease | undefined>;
  /** Gives leases back, for `prefer` to take first; those that are not held like this any more are left alone. */
  giveBack(leases: readonly HeldLease[], prefer?: string): Promise<void>;
  /** Which of these are still held like this. */
  stillHeld(leases: readonly HeldLease[]): Promise<readonly HeldLease[]>;
}
