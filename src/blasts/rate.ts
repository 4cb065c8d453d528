const SPAN_MS = 60_000;
const SLOT_MS = 1_000;

/** How many messages of a blast went out lately: of all of it, or of one device. */
export class BlastRate {
  readonly #slots = new Map<number, number>();
  #since: number | undefined;

  add(now: number): void {
    this.#since ??= now;
    const slot = Math.floor(now / SLOT_MS);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + 1);
    for (const old of this.#slots.keys()) {
      if (old > slot - SPAN_MS / SLOT_MS) break;
      this.#slots.delete(old);
    }
  }

  /** Messages a second over the last minute; null while there were none. */
  perSecond(now: number): number | null {
    const oldest = Math.floor((now - SPAN_MS) / SLOT_MS);
    let sent = 0;
    for (const [slot, count] of this.#slots) if (slot > oldest) sent += count;
    if (sent === 0 || this.#since === undefined) return null;
    const spanMs = Math.min(SPAN_MS, Math.max(SLOT_MS, now - this.#since));
    return sent / (spanMs / 1000);
  }
}
