import type { DeviceId, TenantId, WebhookId } from "../ids.ts";
import { type AttemptHour, DURATION_ENDS_MS, type EventHour, type Hours } from "../store/hours.ts";
import { HOUR_MS } from "../spans.ts";

/** One point of a chart. */
export interface Point {
  /** When its span begins, epoch ms. */
  readonly at: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Deliveries that were taken at the first request. */
  readonly first: number;
  /** Deliveries that were taken after a retry. */
  readonly retried: number;
  /** Requests that failed. */
  readonly failed: number;
  /** Half of the requests took at most so long, ms; null without requests. */
  readonly medianMs: number | null;
  /** 95 % of the requests took at most so long, ms. */
  readonly p95Ms: number | null;
}

export type Step = "hour" | "day";

export interface SeriesRequest {
  readonly tenantId: TenantId;
  readonly webhookIds: readonly WebhookId[];
  readonly deviceId?: DeviceId;
  readonly step: Step;
  /** Epoch ms; rounded down to a whole step. */
  readonly since: number;
  /** Epoch ms; the step that it falls into is the last. */
  readonly until: number;
  /** Minutes to add to UTC for the local time in which days begin. */
  readonly utcOffsetMinutes?: number;
}

export interface Series {
  readonly points: readonly Point[];
  /** All points together. */
  readonly total: Omit<Point, "at">;
}

const IN = "message.received";
const OUT = "message.sent";

/** What happened to a tenant's messages and deliveries, step by step. */
export async function seriesOf(
  hours: Pick<Hours, "attempts" | "events">,
  request: SeriesRequest,
): Promise<Series> {
  const { tenantId, webhookIds, deviceId } = request;
  const starts = stepsOf(request);
  const stepHours = request.step === "day" ? 24 : 1;
  const span = { from: starts[0], to: starts[starts.length - 1] + stepHours };
  const [attempts, events] = await Promise.all([
    hours.attempts(webhookIds, span),
    hours.events({ tenantId, deviceId, types: [IN, OUT] }, span),
  ]);
  return {
    points: starts.map((from) => {
      const within = ({ hour }: { readonly hour: number }) => hour >= from && hour < from + stepHours;
      return { at: from * HOUR_MS, ...summed(attempts.filter(within), events.filter(within)) };
    }),
    total: summed(attempts, events),
  };
}

/** Messages of each of a tenant's devices since its day began, in and out; devices without any are left out. */
export async function messagesToday(
  hours: Pick<Hours, "eventsByDevice">,
  { tenantId, now, utcOffsetMinutes }: {
    readonly tenantId: TenantId;
    readonly now: number;
    readonly utcOffsetMinutes: number;
  },
): Promise<ReadonlyMap<DeviceId, number>> {
  const [from] = stepsOf({ tenantId, webhookIds: [], step: "day", since: now, until: now, utcOffsetMinutes });
  return await hours.eventsByDevice({ tenantId, types: [IN, OUT] }, { from, to: from + 24 });
}

/** Within how long half of a webhook's requests were answered, ms; null without requests. */
export async function medianOf(
  hours: Pick<Hours, "attempts">,
  webhookId: WebhookId,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<number | null> {
  const span = { from: Math.floor(since / HOUR_MS), to: Math.floor(until / HOUR_MS) + 1 };
  return summed(await hours.attempts([webhookId], span), []).medianMs;
}

/** The first hours of the steps, hours since the epoch. */
function stepsOf({ step, since, until, utcOffsetMinutes = 0 }: SeriesRequest): readonly number[] {
  const stepHours = step === "day" ? 24 : 1;
  const shift = step === "day" ? Math.round(utcOffsetMinutes / 60) : 0;
  const startOf = (atMs: number) =>
    Math.floor((Math.floor(atMs / HOUR_MS) + shift) / stepHours) * stepHours - shift;
  const [first, last] = [startOf(since), startOf(until)];
  return Array.from({ length: (last - first) / stepHours + 1 }, (_, index) => first + index * stepHours);
}

function summed(
  attempts: readonly Omit<AttemptHour, "webhookId">[],
  events: readonly Pick<EventHour, "type" | "count">[],
): Omit<Point, "at"> {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const counted = (type: string) =>
    sum(events.filter((event) => event.type === type).map(({ count }) => count));
  const durations = DURATION_ENDS_MS.map(() => 0).concat(0)
    .map((_, span) => sum(attempts.map((hour) => hour.durations[span])));
  return {
    messagesIn: counted(IN),
    messagesOut: counted(OUT),
    first: sum(attempts.map(({ first }) => first)),
    retried: sum(attempts.map(({ retried }) => retried)),
    failed: sum(attempts.map(({ failed }) => failed)),
    medianMs: quantile(durations, 0.5),
    p95Ms: quantile(durations, 0.95),
  };
}

/**
 * Where a share of the requests ends, ms: within its span as if the span were filled evenly; the last, open span counts
 * as twice its beginning.
 */
export function quantile(durations: readonly number[], share: number): number | null {
  const total = durations.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [span, count] of durations.entries()) {
    if (left <= count && count > 0) {
      const from = span === 0 ? 0 : DURATION_ENDS_MS[span - 1];
      const to = DURATION_ENDS_MS[span] ?? 2 * from;
      return Math.round(from + (to - from) * (left / count));
    }
    left -= count;
  }
  return null;
}
