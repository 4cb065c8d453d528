import { Hono, type MiddlewareHandler } from "@hono/hono";
import { NotFoundError } from "../../errors.ts";
import { DEFAULT_TENANT, type TenantId } from "../../ids.ts";
import { type Attention, failingIn } from "../../insight/attention.ts";
import type { TroubledTenant } from "../../insight/troubled.ts";
import { DAY_MS, HOUR_MS } from "../../spans.ts";
import { type Series, seriesOf } from "../../stats/series.ts";
import type { Devices } from "../../store/devices.ts";
import type { Hours } from "../../store/hours.ts";
import type { Tenant } from "../../store/tenants.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Sessions } from "../../tenants/sessions.ts";
import type { Tenancy } from "../../tenants/tenancy.ts";
import type { Cx } from "../cx.ts";
import { setSessionToken } from "../http/cookies.ts";
import { draw, goTo } from "../http/draw.tsx";
import type { UiContext, UiEnv } from "../http/env.ts";
import { offsetIn } from "../http/offset.ts";
import { readForm } from "../http/forms.ts";
import { Ask } from "../parts/ask.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Do, type Faults, FaultSummary, Field, Form, NO_FAULTS, tied } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, Facts, Head, Panel } from "../parts/layout.tsx";
import { type Standing, State } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { Clock } from "../parts/time.tsx";
import { KeyOnce } from "./key_once.tsx";

const PAGE = 50;
const MAX_NAME = 100;
/** Days of which a tenant's use is shown. */
const DAYS = 30;

export interface TenantPageDeps {
  readonly tenancy: Tenancy;
  readonly sessions: Sessions;
  readonly deviceCounts: Pick<Devices, "count">;
  readonly hours: Pick<Hours, "attempts" | "events">;
  /** Where something needs somebody, worst first. */
  readonly troubled: () => Promise<readonly TroubledTenant[]>;
  readonly attention: (tenantId: TenantId) => Promise<readonly Attention[]>;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
}

interface TenantRow {
  readonly tenant: Tenant;
  readonly devices: number;
  readonly connected: number;
  readonly webhooks: number;
  /** What needs somebody there, worst first. */
  readonly needs: readonly Attention[];
}

/** All tenants, for whoever signed in with the master key. To everybody else these pages do not exist. */
export function createTenantPages(deps: TenantPageDeps): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();
  const { tenancy, sessions } = deps;

  const operatorOnly: MiddlewareHandler<UiEnv> = async (c, next) => {
    const { isOperator, isStandIn } = c.get("cx").visit;
    if (!isOperator || isStandIn) throw new NotFoundError("page", c.req.path);
    await next();
  };
  routes.use("/tenants", operatorOnly);
  routes.use("/tenants/*", operatorOnly);

  const rowOf = async (tenant: Tenant): Promise<TenantRow> => ({
    tenant,
    devices: await deps.deviceCounts.count({ tenantId: tenant.id }),
    connected: await deps.deviceCounts.count({ tenantId: tenant.id, status: "connected" }),
    webhooks: deps.webhooksOf(tenant.id).length,
    needs: await deps.attention(tenant.id),
  });

  /** A page of all tenants: those where something needs somebody, then the others, oldest first. */
  const worstFirst = async (offset: number) => {
    const except = (await deps.troubled()).map(({ tenantId }) => tenantId);
    const known = await Promise.all(
      except.slice(offset, offset + PAGE).map((id) => tenancy.get(id).catch(notThere)),
    );
    const troubled = known.filter((tenant) => tenant !== undefined);
    const { tenants, total } = await tenancy.list({
      limit: PAGE - known.length,
      offset: Math.max(0, offset - except.length),
      except,
    });
    return { tenants: [...troubled, ...tenants], total };
  };

  const list = async (c: UiContext, faults: Faults = NO_FAULTS, name = "") => {
    const cx = c.get("cx");
    const offset = offsetIn(c);
    const { tenants, total } = await worstFirst(offset);
    const rows = await Promise.all(tenants.map(rowOf));
    return await draw(c, {
      title: cx.t.shell.tenants,
      at: "tenants",
      status: faults.size === 0 ? 200 : 422,
      main: (
        <TenantList
          cx={cx}
          rows={rows}
          total={total}
          next={offset + PAGE < total ? offset + PAGE : undefined}
          faults={faults}
          name={name}
        />
      ),
    });
  };

  routes.get("/tenants", (c) => list(c));

  routes.post("/tenants", async (c) => {
    const cx = c.get("cx");
    const name = (await readForm(c, undefined)).text("name");
    if (name === "" || name.length > MAX_NAME) {
      return await list(c, new Map([["name", cx.t.system.nameWrong]]), name);
    }
    const { tenant, key } = await tenancy.create(name);
    const main = (
      <KeyOnce
        cx={cx}
        title={cx.t.system.tenantCreated}
        keyText={key}
        crumbs={[{ to: "/ui/tenants", label: cx.t.shell.tenants }, {
          label: <Foreign text={name} max={60} />,
        }]}
        actions={<a class="button main" href={`/ui/tenants/${tenant.id}`}>{cx.t.shell.details}</a>}
      />
    );
    return await draw(c, { title: cx.t.system.tenantCreated, at: "tenants", main });
  });

  const one = async (c: UiContext, id: string, asked?: string, fault?: string) => {
    const cx = c.get("cx");
    const row = await rowOf(await tenancy.get(id));
    const use = await seriesOf(deps.hours, {
      tenantId: row.tenant.id,
      webhookIds: deps.webhooksOf(row.tenant.id).map((webhook) => webhook.id),
      step: "day",
      since: cx.now - DAYS * DAY_MS + HOUR_MS,
      until: cx.now,
      utcOffsetMinutes: cx.f.offsetMinutes(cx.now),
    });
    return await draw(c, {
      title: row.tenant.name,
      at: "tenants",
      status: fault === undefined ? 200 : 422,
      main: <OneTenant cx={cx} row={row} use={use} asked={asked} fault={fault} />,
    });
  };

  routes.get("/tenants/:id", (c) => one(c, c.req.param("id"), c.req.query("ask")));

  routes.post("/tenants/:id/sign-in", async (c) => {
    setSessionToken(c, await sessions.standIn(c.get("visit"), c.req.param("id")));
    return goTo(c, "/ui");
  });
  routes.post("/tenants/:id/suspend", async (c) => {
    await tenancy.suspend(c.req.param("id"));
    const to = `/ui/tenants/${c.req.param("id")}`;
    return goTo(c, to, c.get("cx").t.system.didSuspend, { action: `${to}/activate` });
  });
  routes.post("/tenants/:id/activate", async (c) => {
    await tenancy.activate(c.req.param("id"));
    return goTo(c, `/ui/tenants/${c.req.param("id")}`, c.get("cx").t.system.didActivate);
  });
  routes.post("/tenants/:id/rename", async (c) => {
    const { t } = c.get("cx");
    const name = (await readForm(c, undefined)).text("name");
    if (name === "" || name.length > MAX_NAME) {
      return await one(c, c.req.param("id"), "rename", t.system.nameWrong);
    }
    const before = await tenancy.get(c.req.param("id"));
    await tenancy.rename(before.id, name);
    const undo = { action: `/ui/tenants/${before.id}/rename`, fields: { name: before.name } };
    return goTo(c, `/ui/tenants/${before.id}`, t.system.didRename, undo);
  });
  routes.post("/tenants/:id/rotate", async (c) => {
    const cx = c.get("cx");
    const tenant = await tenancy.get(c.req.param("id"));
    const key = await tenancy.rotateKey(tenant.id);
    const crumbs = [{ to: "/ui/tenants", label: cx.t.shell.tenants }, {
      to: `/ui/tenants/${tenant.id}`,
      label: <Foreign text={tenant.name} max={60} />,
    }];
    const main = <KeyOnce cx={cx} title={cx.t.system.newKey} keyText={key} crumbs={crumbs} />;
    return await draw(c, { title: cx.t.system.newKey, at: "tenants", main });
  });
  routes.post("/tenants/:id/delete", async (c) => {
    const { t } = c.get("cx");
    const tenant = await tenancy.get(c.req.param("id"));
    if ((await readForm(c, undefined)).text("must") !== tenant.name.trim()) {
      return await one(c, tenant.id, "delete", t.devices.typeNameWrong);
    }
    await tenancy.remove(tenant.id);
    return goTo(c, "/ui/tenants", t.system.didDelete);
  });

  return routes;
}

/** A tenant that was removed meanwhile. */
function notThere(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}

function standingOf({ status }: Tenant, { t }: Cx): Standing {
  return status === "active"
    ? { word: t.system.active, icon: "circle-check", tone: "ok" }
    : { word: t.system.suspended, icon: "pause", tone: "idle" };
}

function TenantList({ cx, rows, total, next, faults, name }: {
  readonly cx: Cx;
  readonly rows: readonly TenantRow[];
  readonly total: number;
  readonly next: number | undefined;
  readonly faults: Faults;
  readonly name: string;
}) {
  const { t, f } = cx;
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.tenants}
        sub={t.system.tenantsSub(f.number(total))}
        actions={<Add to="#new">{t.system.newTenant}</Add>}
      />
      <FaultSummary cx={cx} faults={faults} />
      <Panel
        label={t.shell.tenants}
        bare
        foot={next === undefined
          ? undefined
          : <a class="button small" href={`/ui/tenants?from=${next}`}>{t.shell.older}</a>}
      >
        <div class="scroll cards">
          <table>
            <thead>
              <tr>
                <th>{t.system.tenantName}</th>
                <th class="unlisted">{t.webhooks.state}</th>
                <th class="num">{t.system.devices}</th>
                <th class="num unlisted">{t.system.webhooks}</th>
                <th class="num">{t.system.needs}</th>
                <th class="num unlisted">{t.webhooks.waiting}</th>
                <th class="num">
                  <span class="hide">{t.shell.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ tenant, devices, connected, webhooks, needs }) => (
                <tr class="goes">
                  <td class="first-column">
                    <a class="goes-to" href={`/ui/tenants/${tenant.id}`} data-id={tenant.id}>
                      <Foreign text={tenant.name} max={80} />
                    </a>
                    {tenant.id === DEFAULT_TENANT ? <span class="sub">{t.system.ownTenant}</span> : ""}
                  </td>
                  <td class="unlisted">
                    <State standing={standingOf(tenant, cx)} />
                  </td>
                  <td class={connected < devices ? "num whole warn" : "num whole"}>
                    <span class="listed faint">{`${t.system.devices}: `}</span>
                    {t.system.devicesUp(f.number(connected), f.number(devices))}
                  </td>
                  <td class="num unlisted">{f.number(webhooks)}</td>
                  <td class={needs.length > 0 ? "num whole bad" : "num whole"}>
                    <span class="listed faint">{`${t.system.needs}: `}</span>
                    {f.number(needs.length)}
                  </td>
                  <td class="num unlisted">{f.number(failingIn(needs))}</td>
                  <td class="num beside-first">
                    {tenant.id === DEFAULT_TENANT ? "" : (
                      <Do
                        cx={cx}
                        action={`/ui/tenants/${tenant.id}/sign-in`}
                        label={t.system.signInAs}
                        look="small"
                      />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      <Panel id="new" title={t.system.newTenant}>
        <Form cx={cx} action="/ui/tenants">
          <Field name="name" label={t.system.tenantName} faults={faults}>
            <div class="inline narrow">
              <input {...tied("name", faults)} value={name} autocomplete="off" maxlength={200} />
              <button class="button main" type="submit">{t.shell.create}</button>
            </div>
          </Field>
        </Form>
      </Panel>
    </>
  );
}

/** What a tenant used, a day each, the latest first; days without anything are left out. */
function Use({ cx, use: { points, total } }: { readonly cx: Cx; readonly use: Series }) {
  const { t, f } = cx;
  const days = points.toReversed().filter((day) =>
    day.messagesIn + day.messagesOut + day.first + day.retried + day.failed > 0
  );
  const counts = (day: Series["total"]) => (
    <>
      <td class="num">{f.number(day.messagesIn)}</td>
      <td class="num">{f.number(day.messagesOut)}</td>
      <td class="num unlisted">{f.number(day.first + day.retried)}</td>
      <td class="num unlisted">{f.number(day.failed)}</td>
    </>
  );
  const below = (day: Series["total"]) => (
    <span class="sub listed">
      {t.home.deliveries} {f.number(day.first + day.retried)}, {t.deliveries.failedRequests}{" "}
      {f.number(day.failed)}
    </span>
  );
  return (
    <Panel title={t.system.useByDay} note={t.tracking.month} bare={days.length > 0}>
      {days.length === 0 ? <p class="hush">{t.home.none}</p> : (
        <Table
          label={t.system.useByDay}
          columns={[
            t.system.day,
            { name: t.home.messagesIn, look: "num" },
            { name: t.home.messagesOut, look: "num" },
            { name: t.home.deliveries, look: "num unlisted" },
            { name: t.deliveries.failedRequests, look: "num unlisted" },
          ]}
        >
          {days.map((day) => (
            <tr>
              <td>
                {f.shortDay(day.at)}
                {below(day)}
              </td>
              {counts(day)}
            </tr>
          ))}
          <tr>
            <th scope="row">
              {t.system.together}
              {below(total)}
            </th>
            {counts(total)}
          </tr>
        </Table>
      )}
    </Panel>
  );
}

function OneTenant({ cx, row, use, asked, fault }: {
  readonly cx: Cx;
  readonly row: TenantRow;
  readonly use: Series;
  readonly asked: string | undefined;
  readonly fault: string | undefined;
}) {
  const { t, f } = cx;
  const { tenant } = row;
  const to = `/ui/tenants/${tenant.id}`;
  const isOwn = tenant.id === DEFAULT_TENANT;
  const ask = { cx, back: to };
  return (
    <>
      <Head
        cx={cx}
        title={<Foreign text={tenant.name} max={100} />}
        beside={<State standing={standingOf(tenant, cx)} pill />}
        crumbs={[{ to: "/ui/tenants", label: t.shell.tenants }, { label: <code>{tenant.id}</code> }]}
        actions={isOwn ? undefined : (
          <>
            {tenant.status === "active"
              ? <a class="button danger" href={`${to}?ask=suspend`}>{t.system.suspend}</a>
              : <Do cx={cx} action={`${to}/activate`} label={t.system.activate} icon="play" />}
            <Do cx={cx} action={`${to}/sign-in`} label={t.system.signInAs} icon="users" look="main" />
          </>
        )}
      />
      {asked === "suspend" && !isOwn
        ? (
          <Ask
            {...ask}
            title={t.system.askSuspend(tenant.name)}
            action={`${to}/suspend`}
            label={t.system.suspend}
          >
            {t.system.askSuspendWhy}
          </Ask>
        )
        : ""}
      {asked === "rotate"
        ? (
          <Ask {...ask} title={t.system.askRotate} action={`${to}/rotate`} label={t.system.rotateOther}>
            {t.system.askRotateWhy}
          </Ask>
        )
        : ""}
      {asked === "delete" && !isOwn
        ? (
          <Ask
            {...ask}
            title={t.system.askDelete(tenant.name)}
            action={`${to}/delete`}
            label={t.shell.delete}
            must={tenant.name.trim()}
            mustLabel={t.devices.typeName(tenant.name)}
            fault={fault}
          >
            {t.system.askDeleteWhy}
          </Ask>
        )
        : ""}
      <div class="two">
        <Panel title={t.deliveries.facts}>
          <Facts
            rows={[
              [t.system.devices, t.system.devicesUp(f.number(row.connected), f.number(row.devices))],
              [t.system.webhooks, f.number(row.webhooks)],
              [t.system.needs, f.number(row.needs.length)],
              [t.devices.added, <Clock cx={cx} at={tenant.createdAt} />],
              [t.devices.id, <code>{tenant.id}</code>],
            ]}
          />
        </Panel>
        <Panel title={t.shell.actions}>
          <Form cx={cx} action={`${to}/rename`}>
            <Field
              name="name"
              label={t.system.tenantName}
              faults={asked === "rename" && fault !== undefined ? new Map([["name", fault]]) : NO_FAULTS}
            >
              <div class="inline">
                <input
                  id="name"
                  name="name"
                  value={tenant.name}
                  maxlength={200}
                  autocomplete="off"
                  hx-ignore
                />
                <button class="button" type="submit">{t.devices.rename}</button>
              </div>
            </Field>
          </Form>
          <div class="row">
            <a class="button" href={`${to}?ask=rotate`}>
              <Icon name="key-round" />
              {t.system.rotateOther}
            </a>
            {isOwn ? "" : (
              <a class="button danger" href={`${to}?ask=delete`}>
                <Icon name="trash-2" />
                {t.shell.delete}
              </a>
            )}
          </div>
        </Panel>
      </div>
      <Use cx={cx} use={use} />
    </>
  );
}
