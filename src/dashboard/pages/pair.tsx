import { Hono } from "@hono/hono";
import { InvalidError, NotFoundError, RefusedError } from "../../errors.ts";
import type { PairingLink } from "../../devices/pairing_links.ts";
import type { Device } from "../../store/devices.ts";
import type { Look } from "../cx.ts";
import { Document } from "../frame.tsx";
import { sendHtml } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { formTokenOf, readForm, refuseOtherSites } from "../http/forms.ts";
import { type Faults, NO_FAULTS } from "../parts/form.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Icon, Mark } from "../parts/icon.tsx";
import { Panel } from "../parts/layout.tsx";
import type { DevicePageDeps } from "./devices.tsx";
import { Linking } from "./linking.tsx";
import { invalidSays } from "../words/refusals.ts";

const REFRESH_SECONDS = 10;

/** The page of a pairing link: the codes of one device for whoever holds its phone, without a session. */
export function createPairPages(deps: DevicePageDeps, publicOrigin: string | undefined): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { devices, pairingLinks } = deps;

  async function deviceOf(link: PairingLink | undefined): Promise<Device | undefined> {
    if (link === undefined) return undefined;
    try {
      return await devices.get(link.tenantId, link.deviceId);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined; // removed meanwhile
      throw error;
    }
  }

  async function show(c: UiContext, faults: Faults = NO_FAULTS, phone = ""): Promise<Response> {
    const look = c.get("look");
    const token = c.req.param("token") ?? "";
    const link = await pairingLinks.byToken(token);
    const device = await deviceOf(link);
    if (device === undefined) return await sendHtml(c, <Ended look={look} />, 404);
    if (device.status === "connected") {
      await pairingLinks.end(device.id);
      return await sendHtml(c, <Done look={look} device={device} />);
    }
    const pairingCode = await devices.currentPairingCode(device.tenantId, device.id)
      .catch((error: unknown) => {
        if (error instanceof RefusedError) return undefined; // none is in use
        throw error;
      });
    const facts = { device, qr: await deps.qrOf(device.id), pairingCode };
    const cx = { ...look, csrf: formTokenOf(token) };
    return await sendHtml(
      c,
      <Alone
        look={look}
        title={look.t.devices.pairTitle(device.label)}
        refresh={faults.size === 0 && phone === ""}
      >
        <h1>
          <Foreign text={look.t.devices.pairTitle(device.label)} max={120} />
        </h1>
        <Panel>
          <Linking cx={cx} facts={facts} faults={faults} phone={phone} action={`/pair/${token}`} alone />
        </Panel>
      </Alone>,
      faults.size === 0 ? 200 : 422,
    );
  }

  routes.get("/:token", (c) => show(c));

  routes.post("/:token/:verb{start|code}", async (c) => {
    refuseOtherSites(c, publicOrigin);
    const token = c.req.param("token");
    const form = await readForm(c, formTokenOf(token));
    const device = await deviceOf(await pairingLinks.byToken(token));
    if (device === undefined) return await show(c);
    try {
      if (c.req.param("verb") === "start") await devices.start(device.tenantId, device.id);
      else await devices.pairingCode(device.tenantId, device.id, form.text("phone"), "phone");
    } catch (error) {
      if (error instanceof InvalidError) {
        return await show(
          c,
          new Map([["phone", invalidSays(error, c.get("look").lang)]]),
          form.text("phone"),
        );
      }
      throw error;
    }
    return c.redirect(`/pair/${token}`, 303);
  });

  return routes;
}

function Alone({ look, title, children, refresh }: {
  readonly look: Look;
  readonly title: string;
  readonly children?: unknown;
  readonly refresh: boolean;
}) {
  return (
    <Document look={look} title={title} refresh={refresh ? REFRESH_SECONDS : undefined} always>
      <header class="bar">
        <span class="alone-brand">
          <Mark /> Kabar
        </span>
      </header>
      <main id="main" class="alone">{children}</main>
    </Document>
  );
}

function Ended({ look }: { readonly look: Look }) {
  return (
    <Alone look={look} title={look.t.devices.pairOver} refresh={false}>
      <div class="trouble">
        <span class="dot square idle">
          <Icon name="clock" />
        </span>
        <h1>{look.t.devices.pairOver}</h1>
        <p class="hush">{look.t.devices.pairOverWhy}</p>
      </div>
    </Alone>
  );
}

function Done({ look, device }: { readonly look: Look; readonly device: Device }) {
  return (
    <Alone look={look} title={look.t.devices.pairDone} refresh={false}>
      <div class="trouble">
        <span class="dot square ok">
          <Icon name="circle-check" />
        </span>
        <h1>{look.t.devices.pairDone}</h1>
        <p class="hush">
          <Foreign text={device.label} max={100} />. {look.t.devices.pairDoneWhy}
        </p>
      </div>
    </Alone>
  );
}
