import { Hono } from "@hono/hono";
import type { DeviceService, Qr } from "../../devices/devices.ts";
import type { PairingCode } from "../../devices/pairing_codes.ts";
import type { PairingLinks } from "../../devices/pairing_links.ts";
import { InvalidError, RefusedError } from "../../errors.ts";
import type { DeviceId, TenantId } from "../../ids.ts";
import { DAY_MS, HOUR_MS } from "../../spans.ts";
import { seriesOf } from "../../stats/series.ts";
import type { Device } from "../../store/devices.ts";
import type { Events } from "../../store/events.ts";
import type { Hours } from "../../store/hours.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Cx } from "../cx.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { readForm } from "../http/forms.ts";
import { troubleFirst } from "../parts/device_state.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import type { DeviceFacts } from "./device_facts.ts";
import { type DeviceSettingValues, proxyFault, settingsAsked, settingValuesIn } from "./device_settings.tsx";
import type { Asked } from "./device_ask.tsx";
import { NewDevicePage } from "./device_new.tsx";
import { DevicePage } from "./devices_view.tsx";
import { invalidSays } from "../words/refusals.ts";

const MOST_LISTED = 1_000;
const LAST_EVENTS = 6;
const MAX_NAME = 100;

export interface DevicePageDeps {
  readonly devices: DeviceService;
  /** The QR that can be scanned now; asking starts nothing. */
  readonly qrOf: (id: DeviceId) => Promise<Qr | undefined>;
  readonly pairingLinks: PairingLinks;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly events: Pick<Events, "list">;
  readonly hours: Pick<Hours, "attempts" | "events">;
  /** Where the pages are, for links that are sent to others. */
  readonly appUrl: string | undefined;
}

/** The devices of a tenant: the list on the left, one of them on the right. */
export function createDevicePages(deps: DevicePageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { devices } = deps;

  async function listOf(cx: Cx, query: string) {
    const tenantId = cx.visit.tenant.id;
    const page = await devices.list(tenantId, { limit: MOST_LISTED, offset: 0 });
    const wanted = query.toLowerCase();
    const found = page.devices.filter(({ label, alias, phoneNumber, id }) =>
      [label, alias, phoneNumber, id].some((text) => text?.toLowerCase().includes(wanted))
    );
    const connected = page.devices.filter(({ status }) => status === "connected").length;
    return { found: found.toSorted(troubleFirst(cx.t)), connected, total: page.total };
  }

  async function factsOf(c: UiContext, device: Device): Promise<DeviceFacts> {
    const { now } = c.get("cx");
    const link = await deps.pairingLinks.of(device.id);
    if (link !== undefined && device.status === "connected") await deps.pairingLinks.end(device.id);
    return {
      device,
      proxy: (await devices.proxiesOf([device])).get(device.id),
      day: await seriesOf(deps.hours, {
        tenantId: device.tenantId,
        webhookIds: [],
        deviceId: device.id,
        step: "hour",
        since: now - DAY_MS + HOUR_MS,
        until: now,
      }),
      qr: await deps.qrOf(device.id),
      pairingCode: await currentCode(device),
      link: link && { ...link, url: `${deps.appUrl ?? new URL(c.req.url).origin}/pair/${link.token}` },
      listeners: deps.webhooksOf(device.tenantId)
        .filter(({ devices }) => devices === null || devices.includes(device.id)),
      events: await deps.events.list({
        tenantId: device.tenantId,
        deviceIds: [device.id],
        limit: LAST_EVENTS,
        order: "newest",
      }),
    };
  }

  async function currentCode({ tenantId, id }: Device): Promise<PairingCode | undefined> {
    try {
      return await devices.currentPairingCode(tenantId, id);
    } catch (error) {
      if (error instanceof RefusedError) return undefined; // none is in use
      throw error;
    }
  }

  async function show(c: UiContext, options: {
    readonly id?: string;
    readonly asked?: Asked;
    readonly faults?: Faults;
    readonly phone?: string;
    readonly settings?: DeviceSettingValues;
  } = {}): Promise<Response> {
    const cx = c.get("cx");
    const query = c.req.query("q")?.trim() ?? "";
    const list = await listOf(cx, query);
    const device = options.id === undefined
      ? list.found[0]
      : await devices.get(cx.visit.tenant.id, options.id);
    const facts = device && await factsOf(c, device);
    const isLinking = facts !== undefined && facts.device.status !== "connected";
    return await draw(c, {
      title: options.id === undefined || device === undefined ? cx.t.shell.devices : device.label,
      at: "devices",
      status: options.faults === undefined ? 200 : 422,
      live: c.req.method === "GET" && options.asked === undefined ? true : undefined,
      refresh: isLinking ? 15 : undefined,
      main: (
        <DevicePage
          cx={cx}
          list={list}
          query={query}
          facts={facts}
          chosen={options.id !== undefined}
          asked={options.asked}
          faults={options.faults ?? NO_FAULTS}
          phone={options.phone ?? ""}
          settings={options.settings}
        />
      ),
    });
  }

  routes.get("/devices", (c) => show(c));

  routes.get("/devices/new", (c) => drawNew(c, NO_FAULTS, { label: "", alias: "" }));

  const drawNew = (
    c: UiContext,
    faults: Faults,
    values: { readonly label: string; readonly alias: string },
  ) => {
    const cx = c.get("cx");
    const main = <NewDevicePage cx={cx} faults={faults} values={values} />;
    return draw(c, { title: cx.t.devices.new, at: "devices", status: faults.size === 0 ? 200 : 422, main });
  };

  routes.post("/devices", async (c) => {
    const { t, visit } = c.get("cx");
    const form = await readForm(c, undefined);
    const values = { label: form.text("label"), alias: form.text("alias") };
    const faults = new Map<string, string>();
    if (values.label === "") faults.set("label", t.devices.nameEmpty);
    if (values.label.length > MAX_NAME) faults.set("label", t.devices.nameLong);
    if (
      values.alias !== "" && (!/^[\w.-]{1,100}$/.test(values.alias) || /^(device_|\.+$)/.test(values.alias))
    ) {
      faults.set("alias", t.devices.aliasHint);
    }
    if (faults.size > 0) return await drawNew(c, faults, values);
    const device = await devices.create(visit.tenant.id, {
      label: values.label,
      alias: values.alias === "" ? undefined : values.alias,
    });
    await devices.start(visit.tenant.id, device.id);
    return goTo(c, `/ui/devices/${device.id}`, t.devices.didCreate(device.label));
  });

  routes.get("/devices/:id", (c) => {
    const asked = askedOf(c.req.query("ask"));
    return show(c, { id: c.req.param("id"), asked });
  });

  const acts = {
    start: "didStart",
    stop: "didStop",
    restart: "didRestart",
    logout: "didLogOut",
  } as const;
  for (const [verb, did] of Object.entries(acts) as [keyof typeof acts, (typeof acts)[keyof typeof acts]][]) {
    routes.post(`/devices/:id/${verb}`, async (c) => {
      const { t, visit } = c.get("cx");
      const device = await devices[verb](visit.tenant.id, c.req.param("id") ?? "");
      const to = `/ui/devices/${device.id}`;
      const undo = verb === "stop" ? { action: `${to}/start` } : undefined;
      return goTo(c, to, t.devices[did](device.label), undo);
    });
  }

  routes.post("/devices/:id/rename", async (c) => {
    const { t, visit } = c.get("cx");
    const id = c.req.param("id");
    const label = (await readForm(c, undefined)).text("label");
    if (label === "" || label.length > MAX_NAME) {
      const fault = label === "" ? t.devices.nameEmpty : t.devices.nameLong;
      return await show(c, { id, faults: new Map([["label", fault]]) });
    }
    const before = await devices.get(visit.tenant.id, id);
    const device = await devices.rename(visit.tenant.id, id, label);
    const to = `/ui/devices/${device.id}`;
    const undo = { action: `${to}/rename`, fields: { label: before.label } };
    return goTo(c, to, t.devices.didRename(device.label), undo);
  });

  routes.post("/devices/:id/settings", async (c) => {
    const cx = c.get("cx");
    const id = c.req.param("id");
    const values = settingValuesIn(await readForm(c, undefined));
    const device = await devices.get(cx.visit.tenant.id, id);
    const { change, faults } = settingsAsked(values, cx);
    if (change === undefined) return await show(c, { id, faults, settings: values });
    try {
      await devices.change(cx.visit.tenant.id, device.id, change);
    } catch (error) {
      return await show(c, { id, faults: proxyFault(error, cx), settings: values });
    }
    return goTo(c, `/ui/devices/${device.id}#settings`, cx.t.devices.didSet);
  });

  routes.post("/devices/:id/delete", async (c) => {
    const { t, visit } = c.get("cx");
    const device = await devices.get(visit.tenant.id, c.req.param("id"));
    const typed = (await readForm(c, undefined)).text("must");
    if (typed !== device.label.trim()) {
      return await show(c, {
        id: device.id,
        asked: "delete",
        faults: new Map([["must", t.devices.typeNameWrong]]),
      });
    }
    await devices.remove(visit.tenant.id, device.id);
    return goTo(c, "/ui/devices", t.devices.didDelete(device.label));
  });

  routes.post("/devices/:id/code", async (c) => {
    const { lang, visit } = c.get("cx");
    const id = c.req.param("id");
    const phone = (await readForm(c, undefined)).text("phone");
    try {
      await devices.pairingCode(visit.tenant.id, id, phone, "phone");
    } catch (error) {
      if (error instanceof InvalidError) {
        return await show(c, { id, phone, faults: new Map([["phone", invalidSays(error, lang)]]) });
      }
      throw error;
    }
    return goTo(c, `/ui/devices/${id}`);
  });

  routes.post("/devices/:id/link", async (c) => {
    const { visit } = c.get("cx");
    const device = await devices.get(visit.tenant.id, c.req.param("id"));
    if (device.status !== "connected" && !device.wanted) await devices.start(visit.tenant.id, device.id);
    await deps.pairingLinks.make(visit.tenant.id, device.id);
    return goTo(c, `/ui/devices/${device.id}`);
  });

  routes.post("/devices/:id/link/end", async (c) => {
    const { t, visit } = c.get("cx");
    const device = await devices.get(visit.tenant.id, c.req.param("id"));
    await deps.pairingLinks.end(device.id);
    return goTo(c, `/ui/devices/${device.id}`, t.devices.linkEnded);
  });

  return routes;
}

function askedOf(text: string | undefined): Asked | undefined {
  return text === "stop" || text === "logout" || text === "delete" || text === "rename" ? text : undefined;
}
