import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { type Context, Hono } from "@hono/hono";
import { BusyError, InvalidError, NotFoundError, RefusedError } from "../../errors.ts";
import { examplesOf } from "../../events/examples/mod.ts";
import type { EventType } from "../../events/event.ts";
import { DEFAULT_FORMAT, type FormatName, formatNameOf, formatOf, isFormatName } from "../../formats/mod.ts";
import type { TenantId, WebhookId } from "../../ids.ts";
import { DAY_MS, HOUR_MS } from "../../spans.ts";
import { seriesOf } from "../../stats/series.ts";
import type { Deliveries } from "../../store/deliveries.ts";
import type { Hours } from "../../store/hours.ts";
import type { Device } from "../../store/devices.ts";
import type { Ordering, Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { Preflight, PreflightResult } from "../../webhooks/preflight.ts";
import type { Subscriptions } from "../../webhooks/subscriptions.ts";
import { checkSecret } from "../../webhooks/secrets.ts";
import type { TestDeliveries } from "../../webhooks/test_delivery.ts";
import type { TestUnsaved, UnsavedTest } from "../../webhooks/test_unsaved.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm, type Sent } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { EVENT_TYPES, isEventType } from "../parts/guide.tsx";
import { placeOf } from "../parts/webhook_state.ts";
import type { DevicePageDeps } from "./devices.tsx";
import { WebhookForm } from "./webhook_form.tsx";
import { BLANK, foldedOf, headersOf, retryOf, type WebhookValues } from "./webhook_values.ts";
import { CreatedPage, OneWebhook, WebhookList } from "./webhooks_view.tsx";
import type { Lang } from "../words/words.ts";
import { invalidSays } from "../words/refusals.ts";

const LAST_FAILURES = 8;
const KEEP_OLD_SECONDS = 86_400;
const MOST_DEVICES = 200;

export interface WebhookPageDeps extends Pick<DevicePageDeps, "devices"> {
  readonly subscriptions: Subscriptions;
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly probeNow: (id: WebhookId) => boolean;
  readonly testDeliveries: Pick<TestDeliveries, "test">;
  readonly testUnsaved: TestUnsaved;
  readonly preflight: Preflight;
  readonly hours: Pick<Hours, "attempts" | "events">;
  readonly deliveries: Pick<Deliveries, "list">;
}

/** Where events go: the list, one, and the form with its chooser of events and formats. */
export function createWebhookPages(deps: WebhookPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { subscriptions } = deps;

  const dayOf = (cx: Cx, webhook: Webhook) =>
    seriesOf(deps.hours, {
      tenantId: webhook.tenantId,
      webhookIds: [webhook.id],
      step: "hour",
      since: cx.now - DAY_MS + HOUR_MS,
      until: cx.now,
    });

  /** The devices to choose from; among them those that are chosen, however many there are, or were. */
  const devicesFor = async (tenantId: TenantId, chosen: readonly string[]) => {
    const { devices } = await deps.devices.list(tenantId, { limit: MOST_DEVICES, offset: 0 });
    const others = chosen.filter((id) => !devices.some((device) => device.id === id));
    const found = others.map((id) =>
      deps.devices.get(tenantId, id).catch((error: unknown): Pick<Device, "id" | "label"> => {
        if (!(error instanceof NotFoundError)) throw error;
        return { id, label: id };
      })
    );
    return [...devices, ...await Promise.all(found)];
  };

  const form = async (c: UiContext, facts: {
    readonly values: WebhookValues;
    readonly webhook?: Webhook;
    readonly faults?: Faults;
    readonly test?: UnsavedTest;
    readonly found?: PreflightResult;
  }) => {
    const cx = c.get("cx");
    const devices = await devicesFor(cx.visit.tenant.id, facts.values.devices);
    const { faults = NO_FAULTS, ...rest } = facts;
    return await draw(c, {
      title: facts.webhook === undefined ? cx.t.webhooks.new : placeOf(facts.webhook),
      at: "webhooks",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <WebhookForm
          cx={cx}
          {...rest}
          faults={faults}
          devices={devices}
          kept={facts.webhook === undefined ? [] : namesBesides(facts.webhook, facts.values.format)}
        />
      ),
    });
  };

  routes.get("/webhooks", async (c) => {
    const cx = c.get("cx");
    const rows = await Promise.all(
      subscriptions.list(cx.visit.tenant.id).map(async (webhook) => ({
        webhook,
        state: await deps.endpointState(webhook),
        day: (await dayOf(cx, webhook)).total,
      })),
    );
    return await draw(c, {
      title: cx.t.shell.webhooks,
      at: "webhooks",
      live: true,
      main: <WebhookList cx={cx} rows={rows} />,
    });
  });

  routes.get("/webhooks/new", (c) => {
    const type = c.req.query("event") ?? "";
    const types = isEventType(type) ? [type] : ["message.received" as const];
    const url = c.req.query("url") ?? "";
    return form(c, { values: { ...BLANK, url, types, format: DEFAULT_FORMAT } });
  });

  routes.post("/webhooks", async (c) => {
    const { t, visit } = c.get("cx");
    const sent = await readForm(c, undefined);
    const values = valuesOf(sent);
    const faults = new Map<string, string>();
    const events = namesOf(values);
    const wish = wishOf(values);
    if (values.url === "") faults.set("url", t.webhooks.urlEmpty);
    if (sent.text("do") === "look") {
      if (faults.size > 0) return await form(c, { values, faults });
      try {
        return await form(c, { values, found: await deps.preflight(values.url, visit.tenant.id) });
      } catch (error) {
        if (error instanceof InvalidError) {
          return await form(c, { values, faults: faultOf(error, c.get("cx").lang) });
        }
        if (!(error instanceof BusyError) && !(error instanceof RefusedError)) throw error;
        return await form(c, { values, faults: new Map([["url", error.message]]) });
      }
    }
    if (wish === undefined) faults.set("headers", t.webhooks.headersWrong);
    if (!isTimeout(values.timeout)) faults.set("timeout", t.webhooks.timeoutWrong);
    if (values.types.length === 0) faults.set("types", t.webhooks.chooseEvent);
    else if (events.length === 0) faults.set("types", t.webhooks.notInFormat(values.format));
    if (faults.size > 0 || wish === undefined) return await form(c, { values, faults });
    try {
      if (sent.text("do") === "test") {
        const [example] = examplesOf(exampleType(values));
        const wanted = {
          url: values.url,
          format: values.format,
          secret: values.secret === "" ? undefined : checkSecret(values.secret),
          headers: wish.headers,
          timeoutMs: wish.timeout === null ? null : wish.timeout * 1_000,
        };
        return await form(c, {
          values,
          test: await deps.testUnsaved(visit.tenant.id, wanted, example.event),
        });
      }
      const created = await subscriptions.create(visit.tenant.id, {
        url: values.url,
        format: values.format,
        events,
        ...wish,
        ...(values.secret !== "" && { secret: values.secret }),
      });
      const cx = c.get("cx");
      const main = <CreatedPage cx={cx} webhook={created.webhook} secret={created.secret} />;
      return await draw(c, { title: cx.t.webhooks.created, at: "webhooks", main });
    } catch (error) {
      if (error instanceof InvalidError) {
        return await form(c, { values, faults: faultOf(error, c.get("cx").lang) });
      }
      throw error;
    }
  });

  const found = (c: Context<UiEnv, "/webhooks/:id">) =>
    subscriptions.get(c.get("cx").visit.tenant.id, c.req.param("id"));

  const show = async (c: Context<UiEnv, "/webhooks/:id">, fault?: string) => {
    const cx = c.get("cx");
    const webhook = found(c);
    const [state, day, failures] = await Promise.all([
      deps.endpointState(webhook),
      dayOf(cx, webhook),
      deps.deliveries.list(
        { tenantId: webhook.tenantId, webhookIds: [webhook.id], status: "failed" },
        { limit: LAST_FAILURES },
      ),
    ]);
    const ask = fault === undefined ? c.req.query("ask") : "delete";
    return await draw(c, {
      title: placeOf(webhook),
      at: "webhooks",
      live: ask === undefined ? true : undefined,
      status: fault === undefined ? 200 : 422,
      main: (
        <OneWebhook
          cx={cx}
          webhook={webhook}
          state={state}
          day={day}
          failures={failures}
          asked={ask === "rotate" || ask === "delete" ? ask : undefined}
          fault={fault}
        />
      ),
    });
  };

  routes.get("/webhooks/:id", (c) => show(c));

  routes.get("/webhooks/:id/edit", (c) => {
    const webhook = subscriptions.get(c.get("cx").visit.tenant.id, c.req.param("id"));
    const { url, format, ordering, devices } = webhook;
    return form(c, {
      webhook,
      values: {
        url,
        types: typesOf(webhook),
        format: formatNameOf(format),
        ordering,
        devices: devices ?? [],
        ...foldedOf(webhook),
      },
    });
  });

  routes.post("/webhooks/:id/edit", async (c) => {
    const { t, visit } = c.get("cx");
    const webhook = subscriptions.get(visit.tenant.id, c.req.param("id"));
    const sent = await readForm(c, undefined);
    const values = valuesOf(sent);
    const events = namesAfter(webhook, values);
    if (events.length === 0) {
      const fault = values.types.length === 0
        ? t.webhooks.chooseEvent
        : t.webhooks.notInFormat(values.format);
      return await form(c, { values, webhook, faults: new Map([["types", fault]]) });
    }
    const wish = wishOf(values);
    if (wish === undefined) {
      return await form(c, { values, webhook, faults: new Map([["headers", t.webhooks.headersWrong]]) });
    }
    const isSetting = webhook.source === "environment";
    try {
      await subscriptions.update(visit.tenant.id, webhook.id, {
        ...wish,
        ...(isSetting ? { devices: undefined } : { url: values.url, format: values.format, events }),
      });
    } catch (error) {
      if (error instanceof InvalidError) {
        return await form(c, { values, webhook, faults: faultOf(error, c.get("cx").lang) });
      }
      throw error;
    }
    return goTo(c, `/ui/webhooks/${webhook.id}`, t.webhooks.didSave);
  });

  routes.post("/webhooks/:id/:verb{pause|resume}", async (c) => {
    const { t, visit } = c.get("cx");
    const verb = c.req.param("verb") === "pause" ? "pause" : "resume";
    const { id } = await subscriptions[verb](visit.tenant.id, c.req.param("id"));
    const done = verb === "pause" ? t.webhooks.didPause : t.webhooks.didResume;
    const undo = { action: `/ui/webhooks/${id}/${verb === "pause" ? "resume" : "pause"}` };
    return goTo(c, `/ui/webhooks/${id}`, done, undo);
  });

  routes.post("/webhooks/:id/probe", (c) => {
    const { t, visit } = c.get("cx");
    const { id } = subscriptions.get(visit.tenant.id, c.req.param("id"));
    return goTo(c, `/ui/webhooks/${id}`, deps.probeNow(id) ? t.webhooks.didProbe : undefined);
  });

  routes.post("/webhooks/:id/test", async (c) => {
    const { visit } = c.get("cx");
    const webhook = subscriptions.get(visit.tenant.id, c.req.param("id"));
    const { deliveryNumber } = await deps.testDeliveries.test(webhook);
    return goTo(c, `/ui/deliveries/${deliveryIdOf(deliveryNumber)}`);
  });

  routes.post("/webhooks/:id/rotate", async (c) => {
    const cx = c.get("cx");
    const rotation = { keepOldSeconds: KEEP_OLD_SECONDS };
    const { webhook, secret } = await subscriptions.rotateSecret(
      cx.visit.tenant.id,
      c.req.param("id"),
      rotation,
    );
    const main = <CreatedPage cx={cx} webhook={webhook} secret={secret} rotated />;
    return await draw(c, { title: cx.t.webhooks.rotate, at: "webhooks", main });
  });

  routes.post("/webhooks/:id/delete", async (c) => {
    const { t, visit } = c.get("cx");
    const webhook = subscriptions.get(visit.tenant.id, c.req.param("id"));
    const typed = (await readForm(c, undefined)).text("must");
    if (typed !== new URL(webhook.url).host) {
      return await show(c as unknown as Context<UiEnv, "/webhooks/:id">, t.webhooks.typeHostWrong);
    }
    await subscriptions.remove(visit.tenant.id, webhook.id);
    return goTo(c, "/ui/webhooks", t.webhooks.didDelete);
  });

  return routes;
}

function valuesOf(form: Sent): WebhookValues {
  const format = form.text("format");
  const ordering = form.text("ordering");
  return {
    url: form.text("url"),
    types: form.all("types").filter(isEventType),
    format: isFormatName(format) ? format : DEFAULT_FORMAT,
    ordering: isOrdering(ordering) ? ordering : "none",
    devices: [...new Set(form.all("devices"))],
    retry: form.text("retry"),
    timeout: form.text("timeout"),
    headers: form.asSent("headers").trim(),
    secret: form.asSent("secret").trim(),
    recovery: form.has("recovery"),
  };
}

function isTimeout(seconds: string): boolean {
  return seconds === "" || Number(seconds) >= 1 && Number(seconds) <= 60;
}

/** What the form asks for besides where, what and how; undefined: a line of the headers is none. */
function wishOf({ ordering, devices, retry, timeout, headers, recovery }: WebhookValues) {
  const given = headersOf(headers);
  if (given === undefined) return undefined;
  return {
    ordering,
    devices: devices.length === 0 ? null : devices,
    retry: retryOf(retry),
    timeout: timeout === "" ? null : Number(timeout),
    headers: given,
    recovery,
  };
}

function isOrdering(text: string): text is Ordering {
  return text === "none" || text === "chat" || text === "device";
}

/** The name under which a format tells of events of a type; none: it does not. */
function namesIn(format: FormatName, type: EventType): readonly string[] {
  const says = examplesOf(type).map(({ event }) => formatOf(format).says(event));
  return says.find(({ length }) => length > 0)?.slice(0, 1) ?? [];
}

/** What is subscribed to: everything as `*`, else by name. */
function namesOf({ types, format }: WebhookValues): readonly string[] {
  if (types.length === EVENT_TYPES.length) return ["*"];
  const known = new Set(formatOf(format).names);
  return [...new Set(types.flatMap((type) => namesIn(format, type)))].filter((name) => known.has(name));
}

/** The types that a webhook's names stand for. */
function typesOf({ events, format }: Webhook): readonly EventType[] {
  const wants = (name: string) =>
    events.some((topic) =>
      topic === "*" || topic === name || topic.endsWith("*") && name.startsWith(topic.slice(0, -1))
    );
  return EVENT_TYPES.filter((type) =>
    events.includes("*") || namesIn(formatNameOf(format), type).some(wants)
  );
}

/** Names of a webhook that no type stands for, such as `receipt.read`: the chooser cannot show them. */
function namesBesides(webhook: Webhook, format: FormatName): readonly string[] {
  if (formatNameOf(webhook.format) !== format) return [];
  return webhook.events.filter((topic) => typesOf({ ...webhook, events: [topic] }).length === 0);
}

/** What a webhook is subscribed to once its form was sent: what nobody changed stays as it was written. */
function namesAfter(webhook: Webhook, values: WebhookValues): readonly string[] {
  const before = typesOf(webhook);
  const isSame = values.format === formatNameOf(webhook.format) && values.types.length === before.length &&
    before.every((type) => values.types.includes(type));
  return isSame ? webhook.events : [...namesOf(values), ...namesBesides(webhook, values.format)];
}

function exampleType({ types, format }: WebhookValues): EventType {
  return types.find((type) => namesIn(format, type).length > 0) ?? "message.received";
}

function faultOf(error: InvalidError, lang: Lang): Faults {
  const { field } = error;
  const at = field.startsWith("events")
    ? "types"
    : field.startsWith("devices")
    ? "devices"
    : field.split(/[.[]/)[0];
  return new Map([[at, invalidSays(error, lang)]]);
}
