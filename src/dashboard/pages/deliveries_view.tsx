import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { DAY_MS, HOUR_MS } from "../../spans.ts";
import type { Delivery } from "../../store/deliveries.ts";
import type { Cx } from "../cx.ts";
import { aboutOf } from "../parts/about.ts";
import { Bars, Legend } from "../parts/chart.tsx";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { Foreign } from "../parts/foreign.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { Icon } from "../parts/icon.tsx";
import { Empty, Head, Older, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { Further, Newer } from "../parts/list.tsx";
import { State, StatusCode } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { Ago } from "../parts/time.tsx";
import type { DeliveryListFacts } from "./delivery_facts.ts";
import { type AskedDeliveries, deliveriesUrl, type Span, STATES } from "./delivery_filter.ts";

/** Numbers above are shown as "1,000,000+". */
const MOST_SHOWN = 1_000_000;

/** The list with its tabs, filters and chart. */
export function DeliveriesPage({ cx, facts }: { readonly cx: Cx; readonly facts: DeliveryListFacts }) {
  const { t } = cx;
  const { asked } = facts;
  const csv = deliveriesUrl(asked, {}, "/ui/deliveries.csv");
  const replay = deliveriesUrl(asked, {}, "/ui/replays/new");
  return (
    <>
      <Head
        cx={cx}
        title={t.shell.deliveries}
        sub={`${t.tracking.sub} ${t.tracking.keptFor(cx.f.number(facts.keptDays))}`}
        actions={
          <>
            <a class="button" href="/ui/replays">
              <Icon name="history" />
              {t.tracking.replays}
            </a>
            <a class="button" href={csv} download>
              <Icon name="download" />
              {t.tracking.csv}
            </a>
            <a class="button main" href={replay}>
              <Icon name="history" />
              {t.tracking.replayFilter}
            </a>
          </>
        }
      />
      <div class="row">
        <Live id="tabs" class="row">
          <Tabs cx={cx} facts={facts} />
        </Live>
        <Segments
          label={t.tracking.span}
          options={(["day", "week", "month"] as const).map((span: Span) => ({
            to: deliveriesUrl(asked, { span, since: undefined, until: undefined }),
            label: t.tracking[span],
            on: asked.span === span && asked.since === undefined,
          }))}
        />
      </div>
      <Filters cx={cx} facts={facts} />
      <Panel bare>
        <Live id="rows">
          {facts.webhooks.size === 0 ? "" : <Chart cx={cx} facts={facts} />}
          <Newer cx={cx} count={facts.newer} most={100} to={deliveriesUrl(asked)} />
          <Rows cx={cx} facts={facts} />
        </Live>
      </Panel>
    </>
  );
}

function countShown(f: Cx["f"], count: number): string {
  return count >= MOST_SHOWN ? `${f.number(MOST_SHOWN)}+` : f.number(count);
}

function Tabs({ cx, facts: { asked, counts } }: {
  readonly cx: Cx;
  readonly facts: DeliveryListFacts;
}) {
  const { t, f } = cx;
  const words = {
    pending: t.tracking.waiting,
    failing: t.tracking.failing,
    given_up: t.tracking.givenUp,
    success: t.tracking.delivered,
    cancelled: t.tracking.cancelled,
  };
  const shown = (name: keyof typeof words | "all") => {
    if (counts === undefined) return "";
    return countShown(f, counts[name]);
  };
  const states = [undefined, ...STATES];
  return (
    <Segments
      label={t.tracking.states}
      options={states.map((state) => ({
        to: deliveriesUrl(asked, { state }),
        label: (
          <>
            {state === undefined ? t.shell.all : words[state]}
            <small class="faint tabular">{shown(state ?? "all")}</small>
          </>
        ),
        on: asked.state === state,
      }))}
    />
  );
}

function Filters({ cx, facts: { asked, webhooks, devices } }: {
  readonly cx: Cx;
  readonly facts: DeliveryListFacts;
}) {
  const { t } = cx;
  const chips: readonly (readonly [label: string, change: Partial<AskedDeliveries>])[] = [
    ...(asked.state === "failed" ? [[t.tracking.failed, { state: undefined }] as const] : []),
    ...(asked.since === undefined
      ? []
      : [[cx.f.exact(asked.since), { since: undefined, until: undefined }] as const]),
    ...(asked.webhook === undefined
      ? []
      : [[hostOf(webhooks.get(asked.webhook)?.url) ?? asked.webhook, { webhook: undefined }] as const]),
    ...(asked.event === undefined ? [] : [[asked.event, { event: undefined }] as const]),
    ...(asked.device === undefined
      ? []
      : [[devices.get(asked.device) ?? asked.device, { device: undefined }] as const]),
    ...(asked.code === undefined ? [] : [[`HTTP ${asked.code}`, { code: undefined }] as const]),
  ];
  return (
    <div class="row">
      {chips.map(([label, change]) => (
        <a class="chip on" href={deliveriesUrl(asked, change)}>
          <Foreign text={label} max={40} />
          <Icon name="x" />
        </a>
      ))}
      <details class="menu start">
        <summary class="chip">
          <Icon name="plus" />
          {t.tracking.filter}
        </summary>
        <div>
          <form action="/ui/deliveries" class="stack">
            {asked.state === undefined ? "" : <input type="hidden" name="state" value={asked.state} />}
            <input type="hidden" name="span" value={asked.span} />
            {asked.since === undefined ? "" : <input type="hidden" name="since" value={asked.since} />}
            {asked.until === undefined ? "" : <input type="hidden" name="until" value={asked.until} />}
            <div class="field">
              <label for="webhook">{t.tracking.webhook}</label>
              <select id="webhook" name="webhook">
                <option value="">{t.tracking.all}</option>
                {[...webhooks.values()].map(({ id, url }) => (
                  <option value={id} selected={id === asked.webhook}>{hostOf(url) ?? id}</option>
                ))}
              </select>
            </div>
            <div class="field">
              <label for="device">{t.tracking.device}</label>
              <select id="device" name="device">
                <option value="">{t.tracking.all}</option>
                {[...devices].map(([id, label]) => (
                  <option value={id} selected={id === asked.device}>{label}</option>
                ))}
              </select>
            </div>
            <div class="field">
              <label for="event">{t.tracking.filterEvent}</label>
              <input
                id="event"
                name="event"
                class="mono"
                value={asked.event}
                placeholder="message.received"
                autocapitalize="none"
              />
            </div>
            <div class="field">
              <label for="code">{t.tracking.filterCode}</label>
              <input id="code" name="code" inputmode="numeric" value={asked.code} placeholder="503" />
            </div>
            <button class="button main" type="submit">{t.tracking.filter}</button>
          </form>
        </div>
      </details>
      {chips.length === 0
        ? ""
        : (
          <a class="small" href={deliveriesUrl({ span: asked.span, state: asked.state })}>
            {t.shell.clearAll}
          </a>
        )}
    </div>
  );
}

function Chart({ cx, facts: { asked, points } }: { readonly cx: Cx; readonly facts: DeliveryListFacts }) {
  const { t, f } = cx;
  const step = asked.span === "day" ? HOUR_MS : DAY_MS;
  const bars = points.map(({ at, first, retried, failed }) => ({
    at,
    first,
    retried,
    failed,
    to: deliveriesUrl(asked, { since: at, until: at + step }),
    says: t.tracking.bar(f.exact(at), f.number(first + retried), f.number(failed)),
  }));
  return (
    <>
      <Bars
        cx={cx}
        bars={bars}
        label={t.tracking.chart(t.tracking[asked.span])}
        height={110}
      />
      <div class="pad-x">
        <Legend cx={cx} />
      </div>
    </>
  );
}

function Rows({ cx, facts }: { readonly cx: Cx; readonly facts: DeliveryListFacts }) {
  const { t, f } = cx;
  const { rows, asked, webhooks, counts } = facts;
  const all = asked.state === "failed" ? undefined : counts?.[asked.state ?? "all"];
  const further = facts.further && deliveriesUrl(asked, { before: facts.further });
  if (rows.length === 0 && further !== undefined) return <Further cx={cx} found={0} to={further} />;
  if (rows.length === 0) {
    const isFiltered = deliveriesUrl(asked) !== "/ui/deliveries";
    if (isFiltered || webhooks.size > 0) {
      return (
        <p class="pad hush">
          {t.shell.nothingMatches} {isFiltered ? <a href="/ui/deliveries">{t.shell.clearAll}</a> : ""}
        </p>
      );
    }
    return (
      <Empty
        icon="route"
        title={t.tracking.emptyTitle}
        action={<a class="button main" href="/ui/webhooks/new">{t.tracking.addWebhook}</a>}
      >
        {t.tracking.empty}
      </Empty>
    );
  }
  return (
    <>
      <Table
        class="list"
        columns={[
          t.tracking.when,
          t.tracking.event,
          { name: t.tracking.about, look: "unlisted" },
          { name: t.tracking.webhook, look: "unlisted" },
          t.tracking.state,
          { name: t.tracking.response, look: "num unlisted" },
          { name: t.tracking.attempts, look: "num unlisted" },
          { name: t.tracking.duration, look: "num unlisted" },
        ]}
      >
        {rows.map((delivery) => <Row cx={cx} facts={facts} delivery={delivery} />)}
      </Table>
      <Further cx={cx} found={rows.length} to={further} />
      <Older
        cx={cx}
        note={all === undefined ? undefined : t.tracking.shownOf(f.number(rows.length), countShown(f, all))}
        to={facts.next === undefined ? undefined : deliveriesUrl(asked, { before: facts.next })}
        keys
      />
    </>
  );
}

function Row({ cx, facts, delivery }: {
  readonly cx: Cx;
  readonly facts: DeliveryListFacts;
  readonly delivery: Delivery;
}) {
  const { t, f } = cx;
  const { webhooks, devices, events, endpoints } = facts;
  const webhook = webhooks.get(delivery.webhookId);
  const endpoint = endpoints.get(delivery.webhookId);
  const probeAt = endpoint?.nextProbeAt ?? null;
  const planned = endpoint !== undefined && ["given_up", "probing", "draining"].includes(endpoint.health);
  const nextAt = delivery.dueAt > cx.now ? delivery.dueAt : null;
  const note = delivery.status === "pending" && delivery.attempts > 0 && nextAt !== null
    ? t.tracking.nextAttempt(f.relative(nextAt, cx.now))
    : delivery.status === "failed" && probeAt !== null
    ? t.tracking.nextProbe(f.relative(probeAt, cx.now))
    : delivery.status === "failed" && nextAt !== null
    ? t.tracking.nextAttempt(f.relative(nextAt, cx.now))
    : delivery.status === "failed" && webhook?.status === "disabled"
    ? t.tracking.disabled
    : undefined;
  const id = deliveryIdOf(delivery.number);
  const durationMs = facts.durations.get(delivery.number);
  const about = aboutOf(events.get(delivery.eventSeq));
  const device = delivery.deviceId === null ? undefined : devices.get(delivery.deviceId) ?? delivery.deviceId;
  return (
    <tr class="goes">
      <td class="nowrap">
        <Ago cx={cx} at={delivery.createdAt} />
      </td>
      <td>
        <a class="goes-to mono" href={`/ui/deliveries/${id}`} data-id={id}>
          <Foreign text={delivery.name} max={60} />
        </a>
        <span class="sub listed">
          <Foreign text={about || (device ?? "")} max={40} />
        </span>
        <span class="sub listed">
          <Foreign text={hostOf(webhook?.url) ?? t.tracking.removed} max={48} />
        </span>
      </td>
      <td class="unlisted">
        {about === "" ? <Foreign text={device ?? ""} max={40} /> : (
          <>
            <Foreign text={about} max={40} />
            {device === undefined ? "" : (
              <span class="sub">
                <Foreign text={device} max={40} />
              </span>
            )}
          </>
        )}
      </td>
      <td class="unlisted">
        {webhook === undefined
          ? <span class="faint">{t.tracking.removed}</span>
          : <Foreign text={hostOf(webhook.url) ?? webhook.url} max={48} />}
      </td>
      <td>
        <State standing={deliveryStanding(delivery, planned, t)} />
        {note === undefined ? "" : <span class="sub">{note}</span>}
      </td>
      <td class="num unlisted">
        <StatusCode code={delivery.statusCode} />
      </td>
      <td class="num unlisted">{f.number(delivery.attempts)}</td>
      <td class="num unlisted nowrap">{durationMs === undefined ? "–" : f.span(durationMs)}</td>
    </tr>
  );
}
