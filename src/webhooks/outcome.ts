/**
 * Why an attempt failed.
 *
 * * `status`: the receiver answered with something else than 2xx.
 * * `timeout`: no connection, or no answer, in time.
 * * `connect`, `dns`, `tls`: no connection could be made.
 * * `reset`: the connection broke before the answer was complete.
 * * `protocol`: what came back is not HTTP, or the request cannot be written as HTTP.
 * * `refused_address`: the URL leads where it may not.
 * * `unrenderable`: the event cannot be put into the webhook's format; nothing was sent.
 * * `aborted`: we stopped it; it says nothing about the receiver.
 */
export type FailureReason =
  | "status"
  | "timeout"
  | "connect"
  | "dns"
  | "tls"
  | "reset"
  | "protocol"
  | "refused_address"
  | "unrenderable"
  | "aborted";

export interface Succeeded {
  readonly ok: true;
  readonly statusCode: number;
  /** The first 16 KiB of the answer. */
  readonly response: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly durationMs: number;
}

export interface Failed {
  readonly ok: false;
  readonly reason: FailureReason;
  /** Null when no answer came. */
  readonly statusCode: number | null;
  /** For people, and stable: the same cause gives the same words. */
  readonly error: string;
  /** The first 16 KiB of the answer; null when none came. */
  readonly response: string | null;
  /** The answer's headers, at most 4 KiB of them; left out when none came. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the receiver asked for by `Retry-After`, from now. */
  readonly retryAfterMs: number | null;
  /** The receiver answered 410: it wants nothing any more. */
  readonly gone: boolean;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** What came of one HTTP request. Only a 2xx answer is a success. */
export type Outcome = Succeeded | Failed;

/** The event cannot be put into the webhook's format: its endpoint has no part in it. */
export function isUnrenderable(outcome: Outcome): boolean {
  return !outcome.ok && outcome.reason === "unrenderable";
}
