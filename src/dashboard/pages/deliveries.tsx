import { Hono } from "@hono/hono";
import type { Settings } from "../../config.ts";
import { deliveryIdOf, deliveryNumberOf } from "../../webhooks/delivery_id.ts";
import { type TenantId, type WebhookId } from "../../ids.ts";
import type { KabarEvent } from "../../events/event.ts";
import { isFormatName } from "../../formats/mod.ts";
import { requestFor } from "../../formats/request.ts";
import { HOUR_MS } from "../../spans.ts";
import { seriesOf } from "../../stats/series.ts";
import type { Deliveries, Delivery, DeliveryFilter, DeliveryStatus } from "../../store/deliveries.ts";
import type { Devices } from "../../store/devices.ts";
import type { Events } from "../../store/events.ts";
import type { Hours } from "../../store/hours.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { Payloads } from "../../webhooks/payloads.ts";
import { maskedHeaders } from "../../webhooks/request_headers.ts";
import type { DryRun, Replaying } from "../../webhooks/replays.ts";
import type { Redelivery } from "../../webhooks/redelivery.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { followed } from "../parts/list.tsx";
import { csvOf } from "./delivery_csv.ts";
import { type AskedDeliveries, askedDeliveries, failedAt, SPANS, storeFilterOf } from "./delivery_filter.ts";
import type { DeliveryListFacts } from "./delivery_facts.ts";
import { DeliveryPage } from "./delivery_view.tsx";
import { DeliveriesPage } from "./deliveries_view.tsx";

const PAGE = 50;
/** New rows that wait are counted so far. */
const MOST_NEW = 100;
/** Failed deliveries of a webhook are counted so far; more is shown as "and more". */
const COUNTED = 1_000;
const COUNTED_MS = 5_000;
/** So many are looked at for one page, however few of them fit the filter. */
const LOOKED_AT = 20_000;

export interface DeliveryPageDeps {
  readonly deliveries: Pick<
    Deliveries,
    "list" | "search" | "count" | "counts" | "attempts" | "lastDurations" | "countDueAgain"
  >;
  readonly deviceRows: Pick<Devices, "list">;
  readonly eventRows: Pick<Events, "bySeq">;
  readonly hours: Pick<Hours, "attempts" | "events">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
  readonly redelivery: Pick<Redelivery, "find" | "retry">;
  readonly payloads: Payloads;
  readonly replays: Pick<Replaying, "dryRun">;
  readonly settings: Pick<Settings, "EVENT_RETENTION_DAYS">;
}

/** Deliveries: the list, one of them, what is sent again, and the list as a file. */
export function createDeliveryPages(deps: DeliveryPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { deliveries } = deps;

  async function namesOf(tenantId: TenantId) {
    const devices = await deps.deviceRows.list({ tenantId, limit: 1_000 });
    return {
      webhooks: new Map(deps.webhooksOf(tenantId).map((webhook) => [webhook.id, webhook])),
      devices: new Map(devices.map(({ id, label }) => [id, label])),
    };
  }

  /**
   * How many there are in each state: from the hourly counts, to the hour, however long the history is. These know
   * nothing of response codes: undefined.
   */
  async function countsOf(
    asked: AskedDeliveries,
    filter: DeliveryFilter,
    own: readonly WebhookId[],
    probed: readonly WebhookId[],
  ) {
    if (asked.code !== undefined) return undefined;
    const webhookIds = own.filter((id) => asked.webhook === undefined || asked.webhook === id);
    const [down, up] = [true, false].map((is) => webhookIds.filter((id) => probed.includes(id) === is));
    const counted = async (webhookIds: readonly WebhookId[]) => {
      const span = { deviceId: asked.device, since: filter.since ?? 0, until: filter.until };
      const rows = webhookIds.length === 0 ? [] : await deliveries.counts({ webhookIds, ...span });
      const named = rows.filter(({ name }) => asked.event === undefined || asked.event === name);
      return (status?: DeliveryStatus) =>
        named.reduce((n, row) => status === undefined || row.status === status ? n + row.count : n, 0);
    };
    const failed = { ...filter, status: "failed" as const, tried: undefined };
    const [inDown, inUp, dueAgain] = await Promise.all([
      counted(down),
      counted(up),
      deliveries.countDueAgain(up, failed),
    ]);
    const both = (status?: DeliveryStatus) => inDown(status) + inUp(status);
    const again = Math.min(dueAgain, inUp("failed")); // the counts go by whole hours
    return {
      all: both(),
      pending: both("pending"),
      failing: inDown("failed") + again,
      given_up: inUp("failed") - again,
      success: both("success"),
      cancelled: both("cancelled"),
    };
  }

  async function factsOf(c: UiContext): Promise<DeliveryListFacts> {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const asked = askedDeliveries(c);
    const { webhooks, devices } = await namesOf(tenantId);
    const probed = deps.probed([...webhooks.values()]);
    const filter = storeFilterOf(tenantId, asked, cx.now, probed);
    const before = deliveryNumberOf(c.req.query("before") ?? "");
    const seen = deliveryNumberOf(c.req.query("seen") ?? "");
    const [{ deliveries: rows, lookedTo }, newer, counts, series] = await Promise.all([
      deliveries.search(filter, {
        limit: PAGE,
        before: seen === undefined ? before : seen + 1,
        lookAtMost: LOOKED_AT,
      }),
      seen === undefined ? [] : deliveries.list(filter, { limit: MOST_NEW, after: seen }),
      countsOf(asked, filter, [...webhooks.keys()], probed),
      seriesOf(deps.hours, {
        tenantId,
        webhookIds: asked.webhook === undefined ? [...webhooks.keys()] : [asked.webhook],
        step: asked.span === "day" ? "hour" : "day",
        since: cx.now - SPANS[asked.span] + HOUR_MS,
        until: cx.now,
        utcOffsetMinutes: cx.f.offsetMinutes(cx.now),
      }),
    ]);
    const troubled = new Set(
      rows.filter(({ status }) => status === "failed").map(({ webhookId }) => webhookId),
    );
    const [endpoints, events, durations] = await Promise.all([
      Promise.all(
        [...troubled].flatMap((id) => webhooks.get(id) ?? [])
          .map(async (webhook) => [webhook.id, await deps.endpointState(webhook)] as const),
      ),
      deps.eventRows.bySeq([...new Set(rows.map(({ eventSeq }) => eventSeq))]),
      deliveries.lastDurations(rows.map(({ number }) => number)),
    ]);
    const last = rows.length === PAGE ? rows.at(-1) : undefined;
    return {
      keptDays: deps.settings.EVENT_RETENTION_DAYS,
      rows,
      newer: newer.length,
      asked,
      counts,
      webhooks,
      devices,
      events,
      durations,
      endpoints: new Map(endpoints),
      points: series.points,
      next: last && deliveryIdOf(last.number),
      further: lookedTo === null ? undefined : deliveryIdOf(lookedTo),
    };
  }

  routes.get("/deliveries", async (c) => {
    const cx = c.get("cx");
    const facts = await factsOf(c);
    const isNewest = c.req.query("before") === undefined;
    return await draw(c, {
      title: cx.t.shell.deliveries,
      at: "deliveries",
      live: isNewest ? followed(cx, facts.rows.at(0) && deliveryIdOf(facts.rows[0].number)) : undefined,
      main: <DeliveriesPage cx={cx} facts={facts} />,
    });
  });

  routes.get("/deliveries.csv", (c) => {
    const cx = c.get("cx");
    const { id } = cx.visit.tenant;
    const filter = storeFilterOf(id, askedDeliveries(c), cx.now, deps.probed(deps.webhooksOf(id)));
    return c.body(csvOf(deliveries, filter), 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="deliveries.csv"',
    });
  });

  async function found(c: UiContext): Promise<Delivery> {
    return await deps.redelivery.find(c.get("cx").visit.tenant.id, c.req.param("id") ?? "");
  }

  /** Dry runs of live pages: a webhook's are counted anew every few seconds at most. */
  const dryRuns = new Map<WebhookId, { readonly at: number; readonly run: Promise<DryRun> }>();
  function dryRunOf({ visit: { tenant }, now }: Cx, { id }: Webhook): Promise<DryRun> {
    for (const [known, { at }] of dryRuns) if (at < now - COUNTED_MS) dryRuns.delete(known);
    const known = dryRuns.get(id);
    if (known !== undefined) return known.run;
    const filter = storeFilterOf(tenant.id, failedAt(id), now, []);
    const run = deps.replays.dryRun(filter, COUNTED);
    dryRuns.set(id, { at: now, run });
    return run;
  }

  routes.get("/deliveries/:id", async (c) => {
    const cx = c.get("cx");
    const delivery = await found(c);
    const tenantId = cx.visit.tenant.id;
    const [{ webhooks, devices }, attempts, events, sent] = await Promise.all([
      namesOf(tenantId),
      deliveries.attempts(delivery.number),
      deps.eventRows.bySeq([delivery.eventSeq]),
      deps.payloads.of([delivery]),
    ]);
    const webhook = webhooks.get(delivery.webhookId);
    const event = events.get(delivery.eventSeq);
    const format = c.req.query("format") ?? "";
    const [endpoint, similar] = await Promise.all([
      webhook && deps.endpointState(webhook),
      deliveries.count({ tenantId, webhookIds: [delivery.webhookId], status: "failed" }, COUNTED),
    ]);
    const takes = webhook !== undefined && webhook.status !== "disabled";
    const dryRun = similar === 0 || !takes ? undefined : await dryRunOf(cx, webhook);
    return await draw(c, {
      title: deliveryIdOf(delivery.number),
      at: "deliveries",
      live: true,
      main: (
        <DeliveryPage
          cx={cx}
          facts={{
            delivery,
            webhook,
            device: delivery.deviceId === null ? undefined : devices.get(delivery.deviceId),
            event,
            attempts,
            endpoint,
            similar,
            dryRun,
            payload: sent.get(delivery.number)?.payload ?? null,
            requestAt: webhook && event && requestMaker(delivery, webhook, event),
            format: isFormatName(format) ? format : undefined,
          }}
        />
      ),
    });
  });

  routes.post("/deliveries/:id/retry", async (c) => {
    const cx = c.get("cx");
    const id = c.req.param("id");
    await deps.redelivery.retry(cx.visit.tenant.id, id);
    return goTo(c, `/ui/deliveries/${id}`, cx.t.tracking.didRetry);
  });

  return routes;
}

/**
 * Makes the request of an attempt again, for people to see: the same body, signed with the secrets of now. Undefined
 * for an event that the format cannot put into words: that is what its attempts say.
 */
function requestMaker(delivery: Delivery, webhook: Webhook, event: KabarEvent) {
  const shown = { ...webhook, headers: maskedHeaders(webhook.headers) };
  const deliveryId = deliveryIdOf(delivery.number);
  const make = (attempt: number, at: number) =>
    requestFor({ event, name: delivery.name, webhook: shown, deliveryId, attempt, at });
  try {
    make(1, event.at);
  } catch {
    return undefined;
  }
  return make;
}
