import type { KabarEvent } from "../../events/event.ts";
import type { FormatName } from "../../formats/mod.ts";
import type { WebhookRequest } from "../../formats/request.ts";
import type { Point } from "../../stats/series.ts";
import type { Attempt, Delivery } from "../../store/deliveries.ts";
import type { Events } from "../../store/events.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { DryRun } from "../../webhooks/replays.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { AskedDeliveries, STATES } from "./delivery_filter.ts";

/** What a list of deliveries shows. */
export interface DeliveryListFacts {
  /** Days after which deliveries are removed. */
  readonly keptDays: number;
  readonly rows: readonly Delivery[];
  /** Rows that came since the list was opened; 100 at most. */
  readonly newer: number;
  readonly asked: AskedDeliveries;
  /** By tab; undefined: nobody counts what the filter asks for. */
  readonly counts: Readonly<Record<(typeof STATES)[number] | "all", number>> | undefined;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  readonly devices: ReadonlyMap<string, string>;
  readonly events: Awaited<ReturnType<Events["bySeq"]>>;
  /** How long the last attempt of each row took, ms. */
  readonly durations: ReadonlyMap<number, number>;
  readonly endpoints: ReadonlyMap<string, EndpointState>;
  readonly points: readonly Point[];
  /** The last row of a full page. */
  readonly next: string | undefined;
  /** Where the search goes on that has looked at many and found few. */
  readonly further: string | undefined;
}

/** Everything that is known of one delivery. */
export interface DeliveryFacts {
  readonly delivery: Delivery;
  readonly webhook: Webhook | undefined;
  readonly device: string | undefined;
  readonly event: KabarEvent | undefined;
  readonly attempts: readonly Attempt[];
  readonly endpoint: EndpointState | undefined;
  /** Failed deliveries of the same webhook. */
  readonly similar: number;
  /** What sending these again would be, as it was a moment ago; undefined: there are none, or nobody takes them. */
  readonly dryRun: DryRun | undefined;
  readonly payload: unknown;
  /** The request as it would be made now, own headers masked; undefined when event or webhook is gone. */
  readonly requestAt: ((attempt: number, at: number) => WebhookRequest) | undefined;
  /** The format in which the body is shown; undefined: as it was sent. */
  readonly format: FormatName | undefined;
}
