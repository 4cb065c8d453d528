import { StoreUnavailableError } from "../../errors.ts";

/**
 * The newest timeline of the database that this opening has seen. A replica that is promoted begins another one, so a
 * server with an older one was left behind: what it still takes is lost, and what it shows is old.
 * @see PostgreSQL, "25.3.5. Timelines"
 */
export class Timeline {
  #newest = 0;

  /**
   * @param timeline Undefined: the server does not tell.
   * @throws {StoreUnavailableError} If a newer one was seen before.
   */
  accept(timeline: number | undefined): void {
    if (timeline === undefined) return;
    if (timeline < this.#newest) {
      throw new StoreUnavailableError(
        `Cannot use the database: its server was left behind by a fail-over (timeline ${timeline}, and ${this.#newest} ` +
          "was seen before)",
      );
    }
    this.#newest = timeline;
  }
}
