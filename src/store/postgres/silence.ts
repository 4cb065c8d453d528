import { type Clock, systemClock, type Timer } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";

const log = logOf("store");

export interface SilenceDeps {
  /** How long nothing may be heard before it is looked whether anybody is there. */
  readonly afterMs: number;
  readonly isGone: () => Promise<boolean>;
  readonly onGone: () => void;
  readonly clock?: Pick<Clock, "after">;
}

/**
 * Watches a connection on which something was asked. A server that is busy and one that is gone without a word (its
 * machine lost its power, a firewall forgot the connection) both say nothing, and TCP takes a quarter of an hour to
 * find out; a statement's own limit has to leave room for slow ones. So when nothing is heard, it is looked who it is.
 */
export class Silence {
  readonly #deps: SilenceDeps;
  readonly #clock: Pick<Clock, "after">;
  #heard = 0;
  #timer: Timer | undefined;

  constructor(deps: SilenceDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /** Something was asked. */
  asked(): void {
    this.#timer ??= this.#look(this.#deps.afterMs);
  }

  /** Something was answered; so much is not yet. */
  heard(open: number): void {
    this.#heard++;
    if (open > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Looks after `ms`, and later the next time: a server that is there may well work for long. */
  #look(ms: number): Timer {
    const { afterMs, isGone, onGone } = this.#deps;
    const before = this.#heard;
    const timer = this.#clock.after(ms, async () => {
      const isSilent = () => this.#timer === timer && this.#heard === before;
      const gone = isSilent() && await isGone().catch((error) => {
        log.warn("store.not_looked", { error: messageOf(error) });
        return false;
      });
      if (gone && isSilent()) return onGone();
      if (this.#timer === timer) this.#timer = this.#look(isSilent() ? ms * 2 : afterMs);
    });
    return timer;
  }
}
