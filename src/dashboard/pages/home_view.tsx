import type { Child } from "@hono/hono/jsx";
import { DAY_MS, HOUR_MS } from "../../spans.ts";
import type { Attention } from "../../insight/attention.ts";
import type { IconName } from "../assets/icon_names.ts";
import type { Cx } from "../cx.ts";
import { Bars, Legend, Spark } from "../parts/chart.tsx";
import { deviceStanding, troubleFirst } from "../parts/device_state.ts";
import { Foreign } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { hostOf, webhookStanding } from "../parts/webhook_state.ts";
import { Icon } from "../parts/icon.tsx";
import { Head, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { phoneShown } from "../parts/phone.ts";
import { State } from "../parts/state.tsx";
import { deliveriesUrl } from "./delivery_filter.ts";
import type { Device } from "../../store/devices.ts";
import { Ago } from "../parts/time.tsx";
import { FirstSteps } from "./first_steps.tsx";
import type { HomeFacts } from "./home_facts.ts";
import { saidIn } from "../words/gateway_sentences.ts";

/** Things that are shown before "and more". */
const SHOWN = 5;
/** Devices, and webhooks, that the first page lists. */
export const LISTED = 6;

/** The verdict, then what needs somebody, then the numbers: a quiet day is short. */
export function HomePage({ cx, facts }: { readonly cx: Cx; readonly facts: HomeFacts }) {
  const { t, f } = cx;
  const { attention, devices, webhooks, hasDelivered, span } = facts;
  const isNew = !hasDelivered && attention.length === 0;
  const when = t.home.sub(f.day(cx.now), f.clock(cx.now), f.zone);
  const title = isNew
    ? t.home.welcome
    : attention.length === 0
    ? t.home.allWell
    : t.home.needsYou(attention.length);
  const sub = isNew ? t.home.welcomeSub : attention.length === 0 ? when : `${t.home.elseRuns} ${when}`;
  return (
    <>
      <Head
        cx={cx}
        title={<Live id="verdict" class="">{title}</Live>}
        sub={sub}
        actions={isNew ? undefined : (
          <Segments
            label={t.tracking.span}
            options={(["day", "week", "month"] as const).map((one) => ({
              to: one === "day" ? "/ui" : `/ui?span=${one}`,
              label: t.tracking[one],
              on: one === span,
            }))}
          />
        )}
      />
      <Live id="needs">
        {isNew ? <FirstSteps cx={cx} facts={facts} /> : ""}
        {attention.length === 0 ? "" : <Needs cx={cx} attention={attention} />}
      </Live>
      {isNew ? "" : (
        <>
          <Live id="numbers">
            <Numbers cx={cx} facts={facts} />
          </Live>
          <Panel
            title={t.home.deliveries}
            note={t.home.byTime}
            actions={<Legend cx={cx} />}
            bare
          >
            <Live id="chart">
              <Chart cx={cx} facts={facts} />
            </Live>
          </Panel>
        </>
      )}
      {devices.length === 0 && webhooks.length === 0 ? "" : (
        <Live id="lists" class="two">
          <DeviceList cx={cx} facts={facts} />
          <WebhookList cx={cx} facts={facts} />
        </Live>
      )}
    </>
  );
}

function Needs({ cx, attention }: { readonly cx: Cx; readonly attention: readonly Attention[] }) {
  const { t } = cx;
  const rest = attention.length - SHOWN;
  return (
    <section class="panel needs" aria-label={t.home.needsYou(attention.length)}>
      <ul class="items">
        {attention.slice(0, SHOWN).map((one) => <Need cx={cx} one={one} />)}
        {rest <= 0 ? "" : <li class="hush">{t.home.more(rest)}</li>}
      </ul>
    </section>
  );
}

function Need({ cx, one }: { readonly cx: Cx; readonly one: Attention }) {
  const { t, f } = cx;
  const row = (
    tone: "bad" | "warn",
    icon: IconName,
    title: Child,
    why: Child,
    actions: Child,
  ) => (
    <li>
      <span class={`dot square ${tone}`}>
        <Icon name={icon} />
      </span>
      <span class="grow">
        <b>{title}</b>
        <span class="sub small hush">{why}</span>
      </span>
      <span class="row">{actions}</span>
    </li>
  );
  if (one.what === "device_ended") {
    return row(
      "bad",
      "unplug",
      <Foreign text={t.home.deviceEnded(one.device.label)} max={90} />,
      <>
        {f.relative(one.at, cx.now)}. {t.home.deviceEndedWhy(f.number(one.waiting))}
      </>,
      <a class="button main" href={`/ui/devices/${one.device.id}`}>{t.home.linkAgain}</a>,
    );
  }
  if (one.what === "device_reconnecting") {
    return row(
      "warn",
      "loader",
      <Foreign text={t.home.deviceReconnecting(one.device.label)} max={90} />,
      <>
        {f.relative(one.at, cx.now)}. {t.home.deviceEndedWhy(f.number(one.waiting))}
      </>,
      <a class="button" href={`/ui/devices/${one.device.id}`}>{t.home.see}</a>,
    );
  }
  if (one.what === "blast_paused") {
    return row(
      "warn",
      "pause",
      t.home.blastPaused(one.blastId),
      <Foreign text={saidIn(one.reason ?? "", cx.lang)} max={200} />,
      <a class="button" href={`/ui/blasts/${one.blastId}`}>{t.home.see}</a>,
    );
  }
  const { webhook, state } = one;
  const host = hostOf(webhook.url) ?? webhook.url;
  const failed = deliveriesUrl({ webhook: webhook.id, state: "failed", span: "month" });
  if (one.what === "webhook_disabled") {
    return row(
      "bad",
      "octagon-x",
      <Foreign text={t.home.webhookDisabled(host)} max={90} />,
      <Foreign text={saidIn(webhook.statusReason ?? t.home.webhookDisabledWhy, cx.lang)} max={200} />,
      <a class="button" href={`/ui/webhooks/${webhook.id}`}>{t.home.see}</a>,
    );
  }
  const probe = state.nextProbeAt === null ? "" : t.home.nextProbe(f.relative(state.nextProbeAt, cx.now));
  return row(
    "warn",
    "triangle-alert",
    <Foreign
      text={state.lastStatusCode === null
        ? t.home.webhookSilent(host)
        : t.home.webhookFailing(host, String(state.lastStatusCode))}
      max={90}
    />,
    [
      state.since === null ? "" : t.home.since(f.when(state.since)),
      state.oldestWaitingAt === null || state.waiting === 0
        ? t.home.webhookFailingWhy(f.number(state.waiting + state.failed))
        : t.home.webhookFailingOldest(
          f.number(state.waiting + state.failed),
          f.span(Math.max(1_000, cx.now - state.oldestWaitingAt)),
        ),
      probe,
    ].filter((each) => each !== "").join(" "),
    <>
      <a
        class="button main"
        href={state.waiting > 0 && state.failed === 0
          ? deliveriesUrl({ webhook: webhook.id, state: "pending", span: "month" })
          : failed}
      >
        {t.home.seeResponse}
      </a>
      {state.nextProbeAt === null
        ? ""
        : <Do cx={cx} action={`/ui/webhooks/${webhook.id}/probe`} label={t.home.probeNow} />}
    </>,
  );
}

function Numbers({ cx, facts: { series, before, span } }: { readonly cx: Cx; readonly facts: HomeFacts }) {
  const { t, f } = cx;
  const { points, total } = series;
  const past = before.total;
  const delivered = total.first + total.retried;
  const was = (count: number) => t.home.before(f.number(count), t.tracking[span]);
  const tiles = [
    {
      to: "/ui/events?types=message.received",
      name: t.home.messagesIn,
      value: f.number(total.messagesIn),
      note: was(past.messagesIn),
      values: points.map(({ messagesIn }) => messagesIn),
    },
    {
      to: "/ui/messages",
      name: t.home.messagesOut,
      value: f.number(total.messagesOut),
      note: was(past.messagesOut),
      values: points.map(({ messagesOut }) => messagesOut),
    },
    {
      to: deliveriesUrl({ span }),
      name: t.home.deliveries,
      value: f.number(delivered),
      note: delivered === 0 ? t.home.none : t.home.firstTime(f.percent(total.first / delivered)),
      values: points.map(({ first, retried }) => first + retried),
    },
    {
      to: deliveriesUrl({ span }),
      name: t.home.responseTime,
      value: total.medianMs === null ? "–" : f.span(total.medianMs),
      note: total.p95Ms === null ? t.home.none : t.home.median(f.span(total.p95Ms)),
      values: points.map(({ medianMs }) => medianMs ?? 0),
    },
  ];
  return (
    <div class="numbers">
      {tiles.map(({ to, name, value, note, values }) => (
        <a class="panel number" href={to}>
          <span class="hush">{name}</span>
          <b>{value}</b>
          <Spark values={values} />
          <span class="small faint">{note}</span>
        </a>
      ))}
    </div>
  );
}

function Chart({ cx, facts: { series, span } }: { readonly cx: Cx; readonly facts: HomeFacts }) {
  const { t, f } = cx;
  const step = span === "day" ? HOUR_MS : DAY_MS;
  return (
    <Bars
      cx={cx}
      bars={series.points.map(({ at, first, retried, failed }) => ({
        at,
        first,
        retried,
        failed,
        to: deliveriesUrl({ span, since: at, until: at + step }),
        says: t.tracking.bar(f.exact(at), f.number(first + retried), f.number(failed)),
      }))}
      label={t.tracking.chart(t.tracking[span])}
      height={190}
    />
  );
}

function DeviceList({ cx, facts: { devices, today } }: { readonly cx: Cx; readonly facts: HomeFacts }) {
  const { t, f } = cx;
  const connected = devices.filter(({ status }) => status === "connected").length;
  return (
    <Panel
      title={t.shell.devices}
      note={t.home.connectedOf(f.number(connected), f.number(devices.length))}
      actions={
        <a class="button small" href="/ui/devices/new">
          <Icon name="plus" />
          {t.shell.add}
        </a>
      }
      bare
    >
      {devices.length === 0 ? <p class="pad hush">{t.home.noDevices}</p> : (
        <ul class="items">
          {devices.toSorted(troubleFirst(t)).slice(0, LISTED).map((device) => (
            <li class="goes">
              <span class="grow">
                <a class="goes-to" href={`/ui/devices/${device.id}`} data-id={device.id}>
                  <Foreign text={device.label} max={60} />
                </a>
                <span class="sub small faint tabular">
                  {device.phoneNumber === null ? "" : phoneShown(device.phoneNumber)}
                </span>
              </span>
              <span class="side-by-side unlisted tabular">
                {f.number(today.get(device.id) ?? 0)}
                <span class="sub small faint">{t.home.messagesToday}</span>
              </span>
              <span class="side-by-side">
                <State standing={deviceStanding(device, t)} />
                {changedAt(device) === null ? "" : (
                  <span class="sub small faint">
                    <Ago cx={cx} at={changedAt(device) ?? cx.now} />
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Since when a device stands as it does, epoch ms. */
function changedAt({ status, connectedAt, disconnectedAt }: Device): number | null {
  return status === "connected" ? connectedAt : disconnectedAt;
}

function WebhookList({ cx, facts: { webhooks } }: { readonly cx: Cx; readonly facts: HomeFacts }) {
  const { t, f } = cx;
  const standings = webhooks.map(({ state }) => webhookStanding(state.health, t).word.toLowerCase());
  const counts = [...new Set(standings)].map((word) =>
    `${f.number(standings.filter((each) => each === word).length)} ${word}`
  );
  return (
    <Panel
      title={t.shell.webhooks}
      note={counts.join(", ")}
      actions={
        <a class="button small" href="/ui/webhooks/new">
          <Icon name="plus" />
          {t.shell.add}
        </a>
      }
      bare
    >
      {webhooks.length === 0 ? <p class="pad hush">{t.home.noWebhooks}</p> : (
        <ul class="items">
          {webhooks.slice(0, LISTED).map(({ webhook, state, medianMs }) => (
            <li class="goes">
              <span class="grow">
                <a class="goes-to" href={`/ui/webhooks/${webhook.id}`} data-id={webhook.id}>
                  <Foreign text={hostOf(webhook.url) ?? webhook.url} max={60} />
                </a>
                <span class="sub small faint">{webhook.format}</span>
              </span>
              <span class="side-by-side">
                <State standing={webhookStanding(state.health, t)} />
                <span class="sub small faint tabular">
                  {state.waiting + state.failed === 0
                    ? medianMs === null ? "" : t.home.medianOf(f.span(medianMs))
                    : t.home.waitingCount(f.number(state.waiting + state.failed))}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
