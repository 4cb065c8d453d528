import type { EventFacts, KabarEvent } from "../events/event.ts";
import type { FormatName, RetrySchedule, Secret } from "../store/webhooks.ts";

/** What identifies one request, for headers and signatures. */
export interface RequestFacts {
  readonly event: KabarEvent;
  /** The name under which the event is delivered. */
  readonly name: string;
  /** `dlv_…`: the same over retries, restarts and replays. */
  readonly deliveryId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Epoch ms of this request. */
  readonly at: number;
}

/**
 * How an event is named, shaped, signed and timed for one kind of subscriber. Pure: what it says of an event depends
 * on the event alone, so that a retry's body is the same to the byte, and one rendering serves every webhook.
 */
export interface Format {
  readonly name: FormatName;
  /** Every name that a subscriber can ask for. */
  readonly names: readonly string[];
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly retry: RetrySchedule;
  /**
   * The names under which the format can say this event; empty: it cannot. The first is the one that `*` and
   * `message.*` stand for; the others are sent only to those who ask for them by name. Drafts are asked about too.
   */
  says(event: EventFacts): readonly string[];
  /** The body, exactly as `JSON.stringify` makes it. `name` is one of those that `says` returned. */
  render(event: KabarEvent, name: string): string;
  /** Headers of this format besides those that every request carries; secrets are valid ones, newest first. */
  headers(facts: RequestFacts, body: string, secrets: readonly Secret[]): Readonly<Record<string, string>>;
}
