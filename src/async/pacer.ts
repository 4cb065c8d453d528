/** How much may be made up for after a standstill. */
const BURST_MS = 100;

/** Gives out turns at an even rate. */
export class Turns {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #next = 0;

  constructor({ perSecond, now }: { readonly perSecond: number; readonly now: () => number }) {
    this.#intervalMs = 1000 / perSecond;
    this.#now = now;
  }

  /** Takes the next turn: how many ms it is away. */
  take(): number {
    const at = this.#now();
    const mine = Math.max(this.#next, at - BURST_MS);
    this.#next = mine + this.#intervalMs;
    return Math.max(0, mine - at);
  }
}
