import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { InvalidError, NotFoundError } from "../../errors.ts";
import type { TenantId } from "../../ids.ts";
import { HOUR_MS, secondsOf } from "../../spans.ts";
import { type Point, seriesOf, type Step } from "../../stats/series.ts";
import type { Devices } from "../../store/devices.ts";
import type { Hours } from "../../store/hours.ts";
import type { Webhook } from "../../store/webhooks.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { query, wholeNumber } from "../fields.ts";

/** Points of one answer at most: a quarter of a year in hours. */
const MOST_POINTS = 2_200;
const DEFAULT_SPAN: Readonly<Record<Step, number>> = { hour: 24, day: 24 * 30 };

const Sums = z.object({
  messages_in: z.int(),
  messages_out: z.int(),
  taken_at_once: z.int().openapi({ description: "Deliveries whose first request was taken" }),
  taken_after_retry: z.int(),
  failed_requests: z.int(),
  median_ms: z.int().nullable().openapi({ description: "Half of the requests took at most so long" }),
  p95_ms: z.int().nullable().openapi({ description: "95 % of the requests took at most so long" }),
});

const series = createRoute({
  tags: ["Statistics"],
  security: TENANT_KEY,
  method: "get",
  path: "/stats/series",
  summary: "Messages and deliveries by hour or by day",
  description: "Counts of the last few seconds come a little later. Days begin where `utc_offset` says.",
  request: {
    query: query({
      step: z.enum(["hour", "day"]).optional(),
      since: wholeNumber({ min: 0, max: 99_999_999_999 }).optional()
        .openapi({ description: "Unix seconds; a day ago, or 30 days ago, when left out" }),
      until: wholeNumber({ min: 0, max: 99_999_999_999 }).optional()
        .openapi({ description: "Unix seconds; now when left out" }),
      webhook_id: z.string().optional(),
      device_id: z.string().optional().openapi({
        description: "A device's id or alias; counts messages only",
      }),
      utc_offset: z.string().regex(/^[+-]?\d{1,3}$/, "must be minutes from UTC, such as 420")
        .transform(Number).refine((minutes) => Math.abs(minutes) <= 840, "must be from -840 to 840")
        .optional()
        .openapi({ type: "integer", description: "Minutes from UTC, such as 420 for Jakarta" }),
    }),
  },
  responses: {
    200: dataOf(
      "The steps, oldest first, and all of them together",
      z.object({
        step: z.enum(["hour", "day"]),
        points: z.array(Sums.extend({ at: z.int().openapi({ description: "Unix seconds" }) })),
        total: Sums,
      }),
    ),
    ...refusals(404),
  },
});

/** Routes that count what happened. */
export function createStatsRoutes({ hours, devices, webhooksOf, now }: {
  readonly hours: Pick<Hours, "attempts" | "events">;
  readonly devices: Pick<Devices, "find">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly now: () => number;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(series, async (c) => {
    const { step = "hour", since, until, webhook_id, device_id, utc_offset } = c.req.valid("query");
    const tenantId = c.get("tenant").id;
    const untilMs = until === undefined ? now() : until * 1000;
    const sinceMs = since === undefined ? untilMs - (DEFAULT_SPAN[step] - 1) * HOUR_MS : since * 1000;
    const most = MOST_POINTS * (step === "day" ? 24 : 1) * HOUR_MS;
    if (sinceMs > untilMs) throw new InvalidError("since", "`since` must not be later than `until`");
    if (untilMs - sinceMs > most) {
      throw new InvalidError(
        "since",
        `The span is too long: by ${step} it takes at most ${MOST_POINTS} steps`,
      );
    }
    const own = webhooksOf(tenantId).map(({ id }) => id);
    if (webhook_id !== undefined && !own.includes(webhook_id)) throw new NotFoundError("webhook", webhook_id);
    const device = device_id === undefined ? undefined : await devices.find(tenantId, device_id);
    if (device_id !== undefined && device === undefined) throw new NotFoundError("device", device_id);
    const { points, total } = await seriesOf(hours, {
      tenantId,
      webhookIds: device !== undefined ? [] : webhook_id === undefined ? own : [webhook_id],
      deviceId: device?.id,
      step,
      since: sinceMs,
      until: untilMs,
      utcOffsetMinutes: utc_offset,
    });
    const data = {
      step,
      points: points.map(({ at, ...sums }) => ({ at: secondsOf(at), ...shown(sums) })),
      total: shown(total),
    };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}

function shown(sums: Omit<Point, "at">): z.infer<typeof Sums> {
  return {
    messages_in: sums.messagesIn,
    messages_out: sums.messagesOut,
    taken_at_once: sums.first,
    taken_after_retry: sums.retried,
    failed_requests: sums.failed,
    median_ms: sums.medianMs,
    p95_ms: sums.p95Ms,
  };
}
