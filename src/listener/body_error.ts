/**
 * Why the body of a request cannot be read to its end.
 *
 * * `too_large`: it is larger than what is asked for takes.
 * * `too_slow`: nothing of it came for too long, or all of it took too long.
 * * `busy`: all bodies that are held now take as much memory as they may together.
 * * `broken`: the client went away.
 */
export type BodyFault = "too_large" | "too_slow" | "busy" | "broken";

/** The body of a request cannot be read to its end. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  constructor(readonly fault: BodyFault, readonly maxBytes?: number) {
    super(`Cannot read the body: ${fault}`);
  }
}
