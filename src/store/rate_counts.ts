/** Hits of a key in a window of time. */
export interface RateHits {
  /** What is counted, such as `requests`. */
  readonly name: string;
  /** Whose hits, such as a tenant's id. */
  readonly key: string;
  /** The end of the window, epoch ms. */
  readonly endsAt: number;
  readonly hits: number;
}

/** Hits that all gateways on a store count together, for limits that hold for them as one. A crash may lose some. */
export interface RateCounts {
  /** Adds hits, each key of a name and window at most once; what all gateways have counted by now, in any order. */
  add(hits: readonly RateHits[]): Promise<readonly RateHits[]>;
  /** What the store's clock says, epoch ms: windows go by it, as gateways' own clocks differ. */
  now(): Promise<number>;
  /** Removes at most `limit` whose window ended before; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
