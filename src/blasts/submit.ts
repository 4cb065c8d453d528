import type { Blast } from "../store/blasts.ts";
import type { AcceptBlast, NewBlast } from "./intake.ts";
import type { AcceptedBlast } from "./requests.ts";

/**
 * Takes a blast in and lets it begin, or sets the alarm for its time: whoever submits one need not know what comes
 * then.
 * @throws {JsonFieldsError | BlastTooLargeError | InvalidError | RefusedError} If it cannot be taken; see
 * `AcceptBlast`.
 */
export type SubmitBlast = (request: NewBlast) => Promise<AcceptedBlast>;

export function createSubmitBlast({ accept, began, scheduled }: {
  readonly accept: AcceptBlast;
  /** A blast was taken in and begins. */
  readonly began: (blast: Blast) => void;
  /** A blast was taken in that begins later. */
  readonly scheduled: () => Promise<void>;
}): SubmitBlast {
  return async (request) => {
    const accepted = await accept(request);
    if (accepted.replayed) return accepted;
    if (accepted.blast.status === "scheduled") await scheduled();
    else began(accepted.blast);
    return accepted;
  };
}
