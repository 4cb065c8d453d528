/** When a connection counts as unstable: this many losses within this time. */
export interface FlappingLimit {
  readonly losses: number;
  readonly withinMs: number;
}

export interface Flapping {
  /** When the connection was lost, epoch ms, oldest first; only what still counts. */
  readonly lostAt: readonly number[];
  /** An episode is on; it ends when the losses have become few. */
  readonly unstable: boolean;
}

export const CALM: Flapping = { lostAt: [], unstable: false };

/**
 * What one more loss means.
 * @returns The new state; `began` is true once per episode, for the loss that started it.
 */
export function afterLoss(
  before: Flapping,
  now: number,
  { losses, withinMs }: FlappingLimit,
): { readonly flapping: Flapping; readonly began: boolean } {
  const recent = before.lostAt.filter((at) => at > now - withinMs).concat(now).slice(-losses);
  const unstable = recent.length >= losses;
  return { flapping: { lostAt: recent, unstable }, began: unstable && !before.unstable };
}
