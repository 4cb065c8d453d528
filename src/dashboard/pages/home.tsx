import { Hono } from "@hono/hono";
import type { TenantId } from "../../ids.ts";
import { webhookTrouble } from "../../insight/attention.ts";
import { HOUR_MS } from "../../spans.ts";
import { medianOf, messagesToday, seriesOf } from "../../stats/series.ts";
import type { Deliveries } from "../../store/deliveries.ts";
import type { Devices } from "../../store/devices.ts";
import type { Hours } from "../../store/hours.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import { draw } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { type Span, SPANS } from "./delivery_filter.ts";
import type { HomeFacts } from "./home_facts.ts";
import { HomePage, LISTED } from "./home_view.tsx";

const MOST_DEVICES = 200;
/** Deliveries among which one that was taken is looked for. */
const LOOKED_AT = 2_000;

export interface HomePageDeps {
  readonly hours: Pick<Hours, "attempts" | "events" | "eventsByDevice">;
  readonly deviceRows: Pick<Devices, "list">;
  readonly deliveries: Pick<Deliveries, "search">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
}

/** The first page. */
export function createHomePages(deps: HomePageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  /** Whether anything was delivered lately: then the first steps are done. */
  async function isDelivered(tenantId: TenantId): Promise<boolean> {
    const page = { limit: 1, lookAtMost: LOOKED_AT };
    const { deliveries, lookedTo } = await deps.deliveries.search({ tenantId, status: "success" }, page);
    return deliveries.length > 0 || lookedTo !== null; // so many are no first steps
  }

  /** Webhooks as the list shows them; only for those it shows is asked how soon they answer. */
  async function webhooksWith(
    webhooks: readonly Webhook[],
    span: { readonly since: number; readonly until: number },
  ): Promise<HomeFacts["webhooks"]> {
    const states = await Promise.all(
      webhooks.map(async (webhook) => ({ webhook, state: await deps.endpointState(webhook) })),
    );
    const isCalm = ({ state }: (typeof states)[number]) => webhookTrouble(state.health) === undefined ? 1 : 0;
    return await Promise.all(
      states.toSorted((a, b) => isCalm(a) - isCalm(b)).map(async (each, place) => ({
        ...each,
        medianMs: place < LISTED ? await medianOf(deps.hours, each.webhook.id, span) : null,
      })),
    );
  }

  async function factsOf(c: UiContext): Promise<HomeFacts> {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const asked = c.req.query("span");
    const span: Span = asked === "week" || asked === "month" ? asked : "day";
    const webhooks = deps.webhooksOf(tenantId);
    const over = (until: number) =>
      seriesOf(deps.hours, {
        tenantId,
        webhookIds: webhooks.map(({ id }) => id),
        step: span === "day" ? "hour" : "day",
        since: until - SPANS[span] + HOUR_MS,
        until,
        utcOffsetMinutes: cx.f.offsetMinutes(cx.now),
      });
    const [series, before, devices, states, today, hasDelivered] = await Promise.all([
      over(cx.now),
      over(cx.now - SPANS[span]),
      deps.deviceRows.list({ tenantId, limit: MOST_DEVICES }),
      webhooksWith(webhooks, { since: cx.now - SPANS[span], until: cx.now }),
      messagesToday(deps.hours, {
        tenantId,
        now: cx.now,
        utcOffsetMinutes: cx.f.offsetMinutes(cx.now),
      }),
      webhooks.length > 0 && isDelivered(tenantId),
    ]);
    const attention = cx.frame.needs;
    return { span, attention, series, before, devices, webhooks: states, today, hasDelivered };
  }

  routes.get("/", async (c) => {
    const cx = c.get("cx");
    return await draw(c, {
      title: cx.t.shell.home,
      at: "home",
      live: true,
      main: <HomePage cx={cx} facts={await factsOf(c)} />,
    });
  });
  return routes;
}
