import type { EventFacts, KabarEvent } from "../events/event.ts";
import type { RetrySchedule, Secret } from "../store/webhooks.ts";

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

/** What every payload format has, whichever events it tells of. */
export interface FormatFacts {
  /** The key of the format in the list of `mod.ts`. */
  readonly name: string;
  /** For the README and the API's description: the shape of the body and the format's own signature, in Markdown. */
  readonly doc: { readonly body: string; readonly signature: string };
  /** Every name that a subscriber can ask for. */
  readonly names: readonly string[];
  /** Names that `*` and groups do not cover: sent only to those who ask for them by name. */
  readonly onRequest?: readonly string[];
  /** The body has `\u` escapes for everything outside ASCII; else it is what `JSON.stringify` makes. */
  readonly asciiOnly?: true;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly retry: RetrySchedule;
  /** Names of all headers that `headers` can set; a user cannot set them. */
  readonly ownHeaders: readonly string[];
  /** Headers of this format besides those that every request carries; secrets are valid ones, newest first. */
  headers(facts: RequestFacts, body: string, secrets: readonly Secret[]): Readonly<Record<string, string>>;
}

/**
 * How an event is named, shaped, signed and timed for one kind of subscriber. Pure: the rendering of an event depends
 * on the event alone, so that a retry's body is the same to the byte, and one rendering serves every webhook.
 */
export interface Format extends FormatFacts {
  /**
   * The names under which the format can tell of this event; empty: it cannot. The first is the one that `*` and
   * `message.*` stand for; the others are sent only to those who ask for them by name. Drafts are asked about too.
   */
  says(event: EventFacts): readonly string[];
  /** The body, exactly as it is sent and signed. `name` is one of those that `says` returned. */
  render(event: KabarEvent, name: string): string;
}

/** Events that an operator makes and every format passes on alike; a format's own file does not see them. */
type Passed = "custom" | "webhook.test";
/** What decides how a format names an event that it shapes by itself. */
export type ShapedFacts = Exclude<EventFacts, { readonly type: Passed }>;
/** An event that a format shapes by itself. */
export type ShapedEvent = Exclude<KabarEvent, { readonly type: Passed }>;

/** What one format's file declares; `defineFormat` adds what is the same in all of them. */
export interface FormatDefinition extends FormatFacts {
  /** The test event of `POST /v1/webhooks/:id/test`, as applications of this format know it. */
  readonly test: { readonly name: string; data(message: string): unknown };
  /** As `Format.says`, for events that the format shapes by itself. */
  says(event: ShapedFacts): readonly string[];
  /** The part of the body that is about the event. `name` is one of those that `says` returned. */
  data(event: ShapedEvent, name: string): unknown;
  /** The body around `data`, exactly as it is sent; its texts are to be well formed (`wellFormedJson`). */
  envelope(event: KabarEvent, name: string, data: unknown): string;
}

/**
 * Completes a format: an operator's own event (`custom`) goes out under its own name with its own data, and the test
 * event under the name and with the data that the format declares.
 */
export function defineFormat(definition: FormatDefinition): Format {
  const { test, says, data, envelope, ...facts } = definition;
  const testNames = [test.name];
  return {
    ...facts,
    says(event) {
      if (event.type === "custom") return [event.data.name];
      return event.type === "webhook.test" ? testNames : says(event);
    },
    render(event, name) {
      if (event.type === "custom") {
        const { payload } = event.data;
        return envelope(event, name, payload === undefined ? {} : payload);
      }
      if (event.type === "webhook.test") return envelope(event, name, test.data(event.data.message));
      return envelope(event, name, data(event, name));
    },
  };
}
