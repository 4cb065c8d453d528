import type { Attention } from "../../insight/attention.ts";
import type { DeviceId } from "../../ids.ts";
import type { Series } from "../../stats/series.ts";
import type { Device } from "../../store/devices.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { Span } from "./delivery_filter.ts";

/** What the first page shows. */
export interface HomeFacts {
  readonly span: Span;
  readonly attention: readonly Attention[];
  readonly series: Series;
  /** The same span before. */
  readonly before: Series;
  readonly devices: readonly Device[];
  /** Messages of each device since the day began; those without any are left out. */
  readonly today: ReadonlyMap<DeviceId, number>;
  /** Trouble first. */
  readonly webhooks: readonly {
    readonly webhook: Webhook;
    readonly state: EndpointState;
    /** Within how long half of its requests were answered, ms; null: nobody knows, or the list does not show it. */
    readonly medianMs: number | null;
  }[];
  readonly hasDelivered: boolean;
}
