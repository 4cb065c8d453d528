import type { EventType, KabarEvent } from "../events/event.ts";
import { examplesOf } from "../events/examples/mod.ts";
import { EVENT_GUIDE, type EventGuide } from "../events/guide.ts";
import type { Secret } from "../store/webhooks.ts";
import { type EventField, fieldsOfEvent } from "./device_schema/mod.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "./mod.ts";
import { requestFor } from "./request.ts";

/** One request, as a subscriber of a format gets it. */
export interface RenderedExample {
  /** The name under which the event is delivered. */
  readonly name: string;
  /** All headers of the first attempt, signed with the secret `example-secret`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, exactly as it is sent. */
  readonly body: string;
}

/** A kind of content or of occurrence, in every format. */
export interface CatalogueExample {
  /** Such as `text`, `image` or `from_me`. */
  readonly kind: string;
  /** One request for each name that the format has for the event, the primary one first; empty: it has none. */
  readonly formats: Readonly<Record<FormatName, readonly RenderedExample[]>>;
}

/** All that users are shown about one type of event. */
export interface CatalogueEntry extends EventGuide {
  readonly type: EventType;
  /** The names that each format has for it, in the examples' order; empty: the format does not tell of it. */
  readonly names: Readonly<Record<FormatName, readonly string[]>>;
  /** The fields of the body in the default format, `device`. */
  readonly fields: readonly EventField[];
  /** At least one. */
  readonly examples: readonly CatalogueExample[];
}

const SECRETS: readonly Secret[] = [{ value: "example-secret", expiresAt: null }];

/**
 * Every type of event with its explanation, its names, its fields and examples in all formats: what the dashboard, the
 * documentation pages and the API's description show. Pure, and the same at every call: keep it, it is some 400 kB.
 */
export function eventCatalogue(): readonly CatalogueEntry[] {
  return (Object.keys(EVENT_GUIDE) as readonly EventType[]).map(catalogueEntry);
}

/** What users are shown about one type of event. */
export function catalogueEntry(type: EventType): CatalogueEntry {
  const examples = examplesOf(type);
  return {
    type,
    ...EVENT_GUIDE[type],
    names: inEveryFormat((format) => [
      ...new Set(examples.flatMap(({ event }) => formatOf(format).says(event))),
    ]),
    fields: fieldsOfEvent(type),
    examples: examples.map(({ kind, event }) => ({
      kind,
      formats: inEveryFormat((format) => renderings(event, format)),
    })),
  };
}

function renderings(event: KabarEvent, format: FormatName): readonly RenderedExample[] {
  return formatOf(format).says(event).map((name) => {
    const webhook = { format, url: "https://shop.example/hooks/whatsapp", headers: {}, secrets: SECRETS };
    const facts = { event, name, webhook, deliveryId: "dlv_01kb0example", attempt: 1, at: event.at };
    const { headers, body } = requestFor(facts);
    return { name, headers, body };
  });
}

function inEveryFormat<T>(made: (format: FormatName) => T): Readonly<Record<FormatName, T>> {
  return Object.fromEntries(FORMAT_NAMES.map((format) => [format, made(format)])) as Record<FormatName, T>;
}
