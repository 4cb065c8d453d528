import { Hono } from "@hono/hono";
import type { TenantId, WebhookId } from "../../ids.ts";
import type { DeliveryFilter } from "../../store/deliveries.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { Replaying } from "../../webhooks/replays.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { type AskedDeliveries, askedDeliveries, deliveriesUrl, storeFilterOf } from "./delivery_filter.ts";
import { DryRunPage, ReplayPage, ReplaysPage } from "./replays_view.tsx";

/** A replay of more has to be confirmed by its number. */
const CONFIRMED_ABOVE = 1_000;

export interface ReplayPageDeps {
  readonly replays: Pick<Replaying, "dryRun" | "begin" | "find" | "list" | "end">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
}

/** Sending many deliveries again: what it would be, how far it is, and its end. */
export function createReplayPages(deps: ReplayPageDeps): Hono<UiEnv> {
  const { replays, webhooksOf, endpointState } = deps;
  const routes = new Hono<UiEnv>();

  function filterOf({ visit: { tenant }, now }: Cx, asked: AskedDeliveries): DeliveryFilter {
    return storeFilterOf(tenant.id, asked, now, deps.probed(webhooksOf(tenant.id)));
  }

  async function dryRun(c: UiContext, faults: Faults) {
    const cx = c.get("cx");
    const asked = askedDeliveries(c);
    const run = await replays.dryRun(filterOf(cx, asked));
    const webhooks = new Map(webhooksOf(cx.visit.tenant.id).map((webhook) => [webhook.id, webhook]));
    const states = await Promise.all(
      run.byWebhook.flatMap(({ webhookId }) => webhooks.get(webhookId) ?? []).map(async (webhook) => ({
        webhook,
        state: await endpointState(webhook),
      })),
    );
    return await draw(c, {
      title: cx.t.tracking.dryRun,
      at: "deliveries",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <DryRunPage
          cx={cx}
          run={run}
          webhooks={webhooks}
          down={states.filter(({ state }) => state.health === "failing" || state.health === "given_up")}
          faults={faults}
          must={run.count > CONFIRMED_ABOVE ? String(run.count) : undefined}
          action={deliveriesUrl(asked, {}, "/ui/replays/new")}
          back={deliveriesUrl(asked)}
        />
      ),
    });
  }

  routes.get("/replays", async (c) => {
    const cx = c.get("cx");
    const list = await replays.list(cx.visit.tenant.id);
    return await draw(c, {
      title: cx.t.tracking.replays,
      at: "deliveries",
      live: true,
      main: <ReplaysPage cx={cx} replays={list} />,
    });
  });

  routes.get("/replays/new", (c) => dryRun(c, NO_FAULTS));

  routes.post("/replays/new", async (c) => {
    const cx: Cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const filter = filterOf(cx, askedDeliveries(c));
    const run = await replays.dryRun(filter);
    const typed = (await readForm(c, undefined)).text("must").replace(/\D/g, "");
    if (run.count > CONFIRMED_ABOVE && typed !== String(run.count)) {
      return await dryRun(c, new Map([["must", cx.t.tracking.typeNumberWrong]]));
    }
    const replay = await replays.begin(tenantId, filter);
    return goTo(c, `/ui/replays/${replay.id}`);
  });

  routes.get("/replays/:id", async (c) => {
    const cx = c.get("cx");
    const replay = await replays.find(cx.visit.tenant.id, c.req.param("id"));
    return await draw(c, {
      title: cx.t.tracking.replayTitle,
      at: "deliveries",
      live: true,
      refresh: replay.status === "running" ? 5 : undefined,
      main: <ReplayPage cx={cx} replay={replay} />,
    });
  });

  routes.post("/replays/:id/stop", async (c) => {
    const cx = c.get("cx");
    const replay = await replays.end(cx.visit.tenant.id, c.req.param("id"));
    return goTo(c, `/ui/replays/${replay.id}`, cx.t.tracking.didStop);
  });

  return routes;
}
