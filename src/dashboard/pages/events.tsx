import { Hono } from "@hono/hono";
import type { EventType, KabarEvent } from "../../events/event.ts";
import { FORMAT_NAMES, formatOf, isFormatName } from "../../formats/mod.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { TenantId, WebhookId } from "../../ids.ts";
import type { Tracing } from "../../insight/trace.ts";
import type { Devices } from "../../store/devices.ts";
import type { EventFilter, Events } from "../../store/events.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Cx } from "../cx.ts";
import { draw } from "../http/draw.tsx";
import type { UiEnv } from "../http/env.ts";
import { aboutOf, wordsIn } from "../parts/about.ts";
import { Json } from "../parts/code.tsx";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { EVENT_TYPES, guideOf, isEventType } from "../parts/guide.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { Empty, Facts, Head, Older, Panel, Segments } from "../parts/layout.tsx";
import { Icon } from "../parts/icon.tsx";
import { Live } from "../parts/live.tsx";
import { followed, Further, Newer } from "../parts/list.tsx";
import { State, StatusCode } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

const PAGE = 50;
/** New rows that wait are counted so far. */
const MOST_NEW = 100;
/** So many are looked at for one page, however few of them fit the filter. */
const LOOKED_AT = 20_000;
const MOST_DEVICES = 1_000;
/** Lines of a file, and of one reading for it. */
const MOST_LINES = 100_000;
const FILE_PAGE = 500;

export interface EventPageDeps {
  readonly eventRows: Pick<Events, "list" | "range">;
  readonly deviceRows: Pick<Devices, "list">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly tracing: Pick<Tracing, "event">;
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
}

/** Events: the list, and one of them with what each webhook got of it. */
export function createEventPages(
  { eventRows, deviceRows, webhooksOf, tracing, probed }: EventPageDeps,
): Hono<UiEnv> {
  const routes = new Hono<UiEnv>();

  routes.get("/events", async (c) => {
    const cx = c.get("cx");
    const tenantId = cx.visit.tenant.id;
    const asked = c.req.query("types") ?? "";
    const type = isEventType(asked) ? asked : undefined;
    const device = c.req.query("device") || undefined;
    const before = numberIn(c.req.query("before"));
    const seen = numberIn(c.req.query("seen"));
    const filter = {
      tenantId,
      types: type && [type],
      deviceIds: device === undefined ? undefined : [device],
    };
    const end = seen === undefined ? before : seen + 1;
    // the store walks along one of the two, whatever the other finds: not for ever
    const start = type === undefined || device === undefined
      ? 0
      : Math.max(0, (end ?? (await eventRows.range(tenantId)).newest + 1) - 1 - LOOKED_AT);
    const [rows, newer, devices] = await Promise.all([
      eventRows.list({
        ...filter,
        after: start,
        before: end,
        limit: PAGE,
        order: "newest",
      }),
      seen === undefined ? [] : eventRows.list({ ...filter, after: seen, limit: MOST_NEW, order: "oldest" }),
      deviceRows.list({ tenantId, limit: MOST_DEVICES }),
    ]);
    const names = new Map(devices.map(({ id, label }) => [id, label]));
    return await draw(c, {
      title: cx.t.shell.events,
      at: "events",
      live: before === undefined ? followed(cx, rows.at(0) && String(rows[0].tenantSeq)) : undefined,
      main: (
        <EventsPage
          cx={cx}
          rows={rows}
          newer={newer.length}
          further={start > 0 && rows.length < PAGE ? start + 1 : undefined}
          names={names}
          type={type}
          device={device}
        />
      ),
    });
  });

  routes.get("/events.jsonl", (c) => {
    const asked = c.req.query("types") ?? "";
    const device = c.req.query("device") || undefined;
    const filter = {
      tenantId: c.get("cx").visit.tenant.id,
      types: isEventType(asked) ? [asked] : undefined,
      deviceIds: device === undefined ? undefined : [device],
    };
    return c.body(ReadableStream.from(linesOf(eventRows, filter)).pipeThrough(new TextEncoderStream()), 200, {
      "Content-Type": "application/jsonl; charset=utf-8",
      "Content-Disposition": 'attachment; filename="events.jsonl"',
      "X-Accel-Buffering": "no",
    });
  });

  routes.get("/events/:id", async (c) => {
    const cx = c.get("cx");
    const trace = await tracing.event(cx.visit.tenant.id, c.req.param("id"));
    const asked = c.req.query("format") ?? "";
    const webhooks = new Map(webhooksOf(cx.visit.tenant.id).map((webhook) => [webhook.id, webhook]));
    return await draw(c, {
      title: trace.event.type,
      at: "events",
      live: true,
      main: (
        <EventPage
          cx={cx}
          trace={trace}
          webhooks={webhooks}
          probed={new Set(probed([...webhooks.values()]))}
          format={isFormatName(asked) ? asked : "device"}
        />
      ),
    });
  });

  return routes;
}

/** Events as the format `device` says them, newest first, one a line. */
async function* linesOf(events: Pick<Events, "list">, filter: Omit<EventFilter, "limit">) {
  const { says, render } = formatOf("device");
  let before: number | undefined;
  for (let written = 0; written < MOST_LINES; written += FILE_PAGE) {
    const page = await events.list({ ...filter, before, limit: FILE_PAGE, order: "newest" });
    for (const event of page) {
      const [name] = says(event);
      if (name !== undefined) yield `${render(event, name)}\n`;
    }
    if (page.length < FILE_PAGE) return;
    before = page[page.length - 1].tenantSeq;
  }
}

/** A cursor of an address; undefined for what is none. */
function numberIn(text: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined;
}

function EventsPage({ cx, rows, newer, further, names, type, device }: {
  readonly cx: Cx;
  readonly rows: readonly KabarEvent[];
  readonly newer: number;
  /** Where the search goes on that has looked at many and found few. */
  readonly further: number | undefined;
  readonly names: ReadonlyMap<string, string>;
  readonly type: EventType | undefined;
  readonly device: string | undefined;
}) {
  const { t } = cx;
  const isFiltered = type !== undefined || device !== undefined;
  const last = rows.length === PAGE ? rows.at(-1) : undefined;
  const asked = { ...(type !== undefined && { types: type }), ...(device !== undefined && { device }) };
  const from = (before: number) => `/ui/events?${new URLSearchParams({ ...asked, before: String(before) })}`;
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.events}
        sub={t.events.sub}
        actions={
          <a class="button" href={`/ui/events.jsonl?${new URLSearchParams(asked)}`} download>
            <Icon name="download" />
            {t.events.asLines}
          </a>
        }
      />
      <form class="row" action="/ui/events">
        <select name="types" aria-label={t.events.type}>
          <option value="">{`${t.events.type}: ${t.events.all}`}</option>
          {EVENT_TYPES.map((one) => <option value={one} selected={one === type}>{one}</option>)}
        </select>
        <select name="device" aria-label={t.events.device}>
          <option value="">{`${t.events.device}: ${t.events.all}`}</option>
          {[...names].map(([id, label]) => <option value={id} selected={id === device}>{label}</option>)}
        </select>
        <button class="button" type="submit">{t.events.filter}</button>
        {isFiltered ? <a class="small" href="/ui/events">{t.shell.clearAll}</a> : ""}
      </form>
      <Panel bare>
        <Live id="rows">
          <Newer cx={cx} count={newer} most={MOST_NEW} to={`/ui/events?${new URLSearchParams(asked)}`} />
          {rows.length === 0 && !isFiltered
            ? <Empty icon="activity" title={t.events.emptyTitle}>{t.events.empty}</Empty>
            : rows.length === 0 && further !== undefined
            ? ""
            : rows.length === 0
            ? <p class="pad hush">{t.shell.nothingMatches}</p>
            : (
              <Table
                columns={[
                  t.events.when,
                  t.events.type,
                  { name: t.events.about, look: "unlisted" },
                  { name: t.events.what, look: "unlisted" },
                ]}
              >
                {rows.map((event) => (
                  <tr class="goes">
                    <td class="nowrap">
                      <Ago cx={cx} at={event.at} />
                    </td>
                    <td>
                      <a class="goes-to mono" href={`/ui/events/${event.id}`} data-id={event.id}>
                        {event.type}
                      </a>
                      <span class="sub listed">
                        <Foreign
                          text={[aboutOf(event), saidIn(wordsIn(event, t), cx.lang)].filter((each) =>
                            each !== ""
                          ).join(" · ")}
                          max={90}
                        />
                      </span>
                    </td>
                    <td class="unlisted">
                      <Foreign text={aboutOf(event)} max={40} />
                      {event.device === null ? "" : (
                        <span class="sub">
                          <Foreign text={names.get(event.device.id) ?? event.device.id} max={40} />
                        </span>
                      )}
                    </td>
                    <td class="unlisted">
                      <Foreign text={saidIn(wordsIn(event, t), cx.lang)} max={60} />
                    </td>
                  </tr>
                ))}
              </Table>
            )}
          <Further cx={cx} found={rows.length} to={further === undefined ? undefined : from(further)} />
          <Older cx={cx} to={last === undefined ? undefined : from(last.tenantSeq)} />
        </Live>
      </Panel>
    </>
  );
}

function EventPage({ cx, trace: { event, deliveries }, webhooks, probed, format }: {
  readonly cx: Cx;
  readonly trace: Awaited<ReturnType<Tracing["event"]>>;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  /** Webhooks whose failed deliveries are all tried again. */
  readonly probed: ReadonlySet<string>;
  readonly format: string;
}) {
  const { t, f } = cx;
  const rendering = formatOf(format);
  const [name] = rendering.says(event);
  return (
    <>
      <Head
        cx={cx}
        title={<span class="mono">{event.type}</span>}
        sub={guideOf(event.type, cx.lang).summary}
        crumbs={[{ to: "/ui/events", label: t.shell.events }, { label: <code>{event.id}</code> }]}
        actions={name === undefined
          ? undefined
          : (
            <button class="button" type="button" data-copy="#body" data-script hidden>
              <Icon name="copy" />
              {t.events.copyFixture}
            </button>
          )}
      />
      <div class="wide-narrow">
        <Panel
          title={t.events.asFormat}
          actions={
            <Segments
              label={t.events.asFormat}
              options={FORMAT_NAMES.map((one) => ({
                to: `/ui/events/${event.id}?format=${one}`,
                label: one,
                on: one === format,
              }))}
            />
          }
        >
          {name === undefined
            ? <p class="hush">{t.events.notInFormat}</p>
            : <Json value={JSON.parse(rendering.render(event, name))} id="body" tall />}
        </Panel>
        <div class="stack">
          <Panel title={t.events.fanOut} bare>
            <Live id="deliveries">
              {deliveries.length === 0 ? <p class="pad hush">{t.events.nobody}</p> : (
                <ul class="items">
                  {deliveries.map(({ delivery }) => (
                    <li class="goes">
                      <a class="goes-to grow" href={`/ui/deliveries/${deliveryIdOf(delivery.number)}`}>
                        <Foreign
                          text={hostOf(webhooks.get(delivery.webhookId)?.url) ?? t.tracking.removed}
                          max={40}
                        />
                      </a>
                      <State standing={deliveryStanding(delivery, probed.has(delivery.webhookId), t)} />
                      <StatusCode code={delivery.statusCode} />
                    </li>
                  ))}
                </ul>
              )}
            </Live>
          </Panel>
          <Panel title={t.tracking.facts}>
            <Facts
              rows={[
                [t.events.id, <ForeignCode text={event.id} />],
                [t.events.seq, f.number(event.tenantSeq)],
                [t.events.at, <Clock cx={cx} at={event.at} seconds />],
                event.device === null ? undefined : [
                  t.events.device,
                  <a href={`/ui/devices/${event.device.id}`}>
                    <ForeignCode text={event.device.alias ?? event.device.id} />
                  </a>,
                ],
              ]}
            />
            <p class="small">
              <a href={`/ui/catalogue/${event.type}`}>{t.events.catalogue}</a>
            </p>
          </Panel>
        </div>
      </div>
    </>
  );
}
