import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { HOUR_MS } from "../../spans.ts";
import type { Point, Series } from "../../stats/series.ts";
import type { Delivery } from "../../store/deliveries.ts";
import type { Webhook } from "../../store/webhooks.ts";
import { formatOf } from "../../formats/mod.ts";
import { scheduleOf } from "../../webhooks/retry.ts";
import { secretSince } from "../../webhooks/secrets.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { Cx } from "../cx.ts";
import { Ask } from "../parts/ask.tsx";
import { Bars, Legend } from "../parts/chart.tsx";
import { Text } from "../parts/code.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { Icon } from "../parts/icon.tsx";
import { Add, EmptyPage, Facts, Head, Menu, Notice, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { SNIPPETS } from "../parts/snippets.ts";
import { State, StatusCode } from "../parts/state.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { hostOf, placeOf, webhookStanding } from "../parts/webhook_state.ts";
import { ToCopy } from "../parts/to_copy.tsx";
import { saidIn } from "../words/gateway_sentences.ts";

interface Row {
  readonly webhook: Webhook;
  readonly state: EndpointState;
  readonly day: Omit<Point, "at">;
}

/** A row each. */
export function WebhookList({ cx, rows }: { readonly cx: Cx; readonly rows: readonly Row[] }) {
  const { t, f, now } = cx;
  const add = <Add to="/ui/webhooks/new">{t.webhooks.new}</Add>;
  if (rows.length === 0) {
    return (
      <EmptyPage cx={cx} page={t.shell.webhooks} icon="webhook" title={t.webhooks.emptyTitle} action={add}>
        {t.webhooks.empty}
      </EmptyPage>
    );
  }
  return (
    <>
      <Head cx={cx} title={t.shell.webhooks} sub={t.webhooks.sub} actions={add} />
      <Panel bare label={t.shell.webhooks}>
        <Live id="rows" class="scroll">
          <table>
            <thead>
              <tr>
                <th>{t.webhooks.url}</th>
                <th>{t.webhooks.state}</th>
                <th class="unlisted">{t.webhooks.events}</th>
                <th class="num unlisted">{t.webhooks.delivered}</th>
                <th class="num unlisted">{t.webhooks.median}</th>
                <th class="num unlisted">{t.webhooks.waiting}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ webhook, state, day }) => {
                const requests = day.first + day.retried + day.failed;
                return (
                  <tr class="goes">
                    <td>
                      <a class="goes-to" href={`/ui/webhooks/${webhook.id}`} data-id={webhook.id}>
                        <Foreign text={placeOf(webhook)} max={80} />
                      </a>
                      <span class="sub">{webhook.format}</span>
                    </td>
                    <td>
                      <State standing={webhookStanding(state.health, t)} />
                      {state.nextProbeAt === null
                        ? ""
                        : <span class="sub">{t.webhooks.probeAt(f.relative(state.nextProbeAt, now))}</span>}
                      {state.waiting + state.failed === 0 ? "" : (
                        <span class="sub listed">
                          {t.home.waitingCount(f.number(state.waiting + state.failed))}
                        </span>
                      )}
                    </td>
                    <td class="unlisted small">
                      {webhook.events.includes("*") ? t.webhooks.all : t.webhooks.some(webhook.events.length)}
                    </td>
                    <td class="num unlisted">
                      {requests === 0 ? "–" : f.percent((day.first + day.retried) / requests)}
                    </td>
                    <td class="num unlisted">{day.medianMs === null ? "–" : f.span(day.medianMs)}</td>
                    <td class="num unlisted">{f.number(state.waiting + state.failed)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Live>
      </Panel>
    </>
  );
}

/** A new webhook, or a new secret: shown this once. */
export function CreatedPage({ cx, webhook, secret, rotated = false }: {
  readonly cx: Cx;
  readonly webhook: Webhook;
  /** Undefined: it is the reader's own, who knows it. */
  readonly secret: string | undefined;
  readonly rotated?: boolean;
}) {
  const { t } = cx;
  const to = `/ui/webhooks/${webhook.id}`;
  return (
    <>
      <Head
        cx={cx}
        title={rotated ? t.webhooks.rotate : t.webhooks.created}
        sub={<Foreign text={webhook.url} max={200} />}
        crumbs={[{ to: "/ui/webhooks", label: t.shell.webhooks }, { label: placeOf(webhook) }]}
        actions={
          <>
            <a class="button" href={to}>{t.webhooks.toWebhook}</a>
            <Do cx={cx} action={`${to}/test`} label={t.webhooks.sendTest} icon="flask-conical" look="main" />
          </>
        }
      />
      <div class="narrow stack">
        {secret === undefined ? "" : (
          <Panel title={t.webhooks.secret}>
            <p class="hush">{t.webhooks.onceOnly}</p>
            <div class="inline">
              <ToCopy cx={cx} id="secret" value={secret} label={t.webhooks.secret} />
            </div>
          </Panel>
        )}
        <Panel title={t.webhooks.check} note={t.webhooks.checkNote}>
          {SNIPPETS.map(({ language, text }, index) => (
            <details class="unfold" open={index === 0} name="snippet">
              <summary>{language}</summary>
              <div class="stack tight pad-y">
                <Text text={text} id={`snippet-${index}`} tall />
                <button class="button small" type="button" data-copy={`#snippet-${index}`} data-script hidden>
                  <Icon name="copy" />
                  {t.shell.copy}
                </button>
              </div>
            </details>
          ))}
        </Panel>
      </div>
    </>
  );
}

/** One webhook: how it does, what failed last, how it is set. */
export function OneWebhook({ cx, webhook, state, day, failures, asked, fault }: {
  readonly cx: Cx;
  readonly webhook: Webhook;
  readonly state: EndpointState;
  readonly day: Series;
  readonly failures: readonly Delivery[];
  readonly asked: "rotate" | "delete" | undefined;
  readonly fault: string | undefined;
}) {
  const { t, f, now } = cx;
  const to = `/ui/webhooks/${webhook.id}`;
  const host = hostOf(webhook.url);
  const isSetting = webhook.source === "environment";
  const secretAt = secretSince(webhook);
  const { medianMs, p95Ms } = day.total;
  return (
    <>
      <Head
        cx={cx}
        title={<Foreign text={placeOf(webhook)} max={120} />}
        beside={
          <Live id="standing" class="">
            <State standing={webhookStanding(state.health, t)} pill />
          </Live>
        }
        crumbs={[{ to: "/ui/webhooks", label: t.shell.webhooks }, { label: <code>{webhook.id}</code> }]}
        actions={
          <>
            {webhook.status === "active"
              ? <Do cx={cx} action={`${to}/pause`} label={t.webhooks.pause} icon="pause" />
              : <Do cx={cx} action={`${to}/resume`} label={t.webhooks.resume} icon="play" look="main" />}
            {state.nextProbeAt === null
              ? webhook.status === "active"
                ? (
                  <Do
                    cx={cx}
                    action={`${to}/test`}
                    label={t.webhooks.sendTest}
                    icon="flask-conical"
                    look="main"
                  />
                )
                : ""
              : <Do cx={cx} action={`${to}/probe`} label={t.webhooks.probeNow} icon="radar" look="main" />}
            <Menu label={t.shell.actions} icon="ellipsis" look="icon">
              <a class="item" href={`${to}/edit`}>
                <Icon name="pencil" />
                {t.shell.edit}
              </a>
              {isSetting ? "" : (
                <>
                  <a class="item" href={`${to}?ask=rotate`}>
                    <Icon name="key-round" />
                    {t.webhooks.rotate}
                  </a>
                  <hr />
                  <a class="item bad" href={`${to}?ask=delete`}>
                    <Icon name="trash-2" />
                    {t.shell.delete}
                  </a>
                </>
              )}
            </Menu>
          </>
        }
      />
      {asked === "rotate"
        ? (
          <Ask
            cx={cx}
            title={t.webhooks.askRotate}
            action={`${to}/rotate`}
            label={t.webhooks.rotate}
            back={to}
          >
            {t.webhooks.askRotateWhy}
          </Ask>
        )
        : ""}
      {asked === "delete"
        ? (
          <Ask
            cx={cx}
            title={t.webhooks.askDelete(host)}
            action={`${to}/delete`}
            label={t.shell.delete}
            back={to}
            must={host}
            mustLabel={t.webhooks.typeHost(host)}
            fault={fault}
          >
            {t.webhooks.askDeleteWhy(f.number(state.waiting))}
          </Ask>
        )
        : ""}
      <Live id="trouble">
        {state.lastError !== null || webhook.statusReason !== null
          ? (
            <Notice tone={state.health === "disabled" ? "bad" : "warn"}>
              <b>
                <Foreign text={saidIn(webhook.statusReason ?? state.lastError ?? "", cx.lang)} max={300} />
              </b>
              {state.since === null ? "" : (
                <p>
                  {t.webhooks.troubleSince(f.when(state.since), f.number(state.waiting + state.failed))}{" "}
                  {state.nextProbeAt === null ? "" : t.webhooks.nextProbe(f.relative(state.nextProbeAt, now))}
                </p>
              )}
            </Notice>
          )
          : ""}
      </Live>
      <Live id="chart">
        <Panel
          title={t.webhooks.attemptsByHour}
          note={medianMs === null || p95Ms === null
            ? undefined
            : t.webhooks.answersWithin(f.span(medianMs), f.span(p95Ms))}
          actions={<Legend cx={cx} />}
          bare
        >
          <Bars
            cx={cx}
            label={t.webhooks.attemptsByHour}
            bars={day.points.map((point) => barOf(cx, point, `webhook=${webhook.id}&`))}
          />
        </Panel>
      </Live>
      <div class="two">
        <Panel
          title={t.webhooks.latestFailures}
          actions={
            <a class="small" href={`/ui/deliveries?webhook=${webhook.id}`}>{t.webhooks.allDeliveries}</a>
          }
          bare={failures.length > 0}
        >
          {failures.length === 0 ? <p class="hush">{t.webhooks.noFailures}</p> : (
            <ul class="items">
              {failures.map(({ number, name, statusCode, createdAt }) => (
                <li class="goes">
                  <a class="goes-to grow mono" href={`/ui/deliveries/${deliveryIdOf(number)}`}>
                    <Foreign text={name} max={60} />
                  </a>
                  <StatusCode code={statusCode} />
                  <span class="small faint">
                    <Ago cx={cx} at={createdAt} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t.webhooks.settings} actions={<a class="small" href={`${to}/edit`}>{t.shell.edit}</a>}>
          <Facts
            rows={[
              [t.webhooks.url, <Foreign text={webhook.url} />],
              [t.webhooks.format, webhook.format],
              [
                t.webhooks.events,
                webhook.events.includes("*") ? t.webhooks.all : <code>{webhook.events.join(", ")}</code>,
              ],
              [
                t.webhooks.devicesShort,
                webhook.devices === null ? t.webhooks.all : f.number(webhook.devices.length),
              ],
              [t.webhooks.order, orderingWord(cx, webhook)],
              [
                t.webhooks.retries,
                scheduleOf(webhook).waitsMs.map((ms) => f.span(ms)).join(", ") || t.shell.none,
              ],
              [t.webhooks.timeout, f.span(webhook.timeoutMs ?? formatOf(webhook.format).timeoutMs)],
              [t.webhooks.secret, webhook.secrets.length === 0 ? t.webhooks.unsigned : t.webhooks.signed],
              secretAt === null ? undefined : [t.webhooks.secretAge, <Ago cx={cx} at={secretAt} />],
              [t.devices.added, <Clock cx={cx} at={webhook.createdAt} />],
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function orderingWord({ t }: Cx, { ordering }: Webhook): string {
  const words = { none: t.webhooks.orderNone, chat: t.webhooks.orderChat, device: t.webhooks.orderDevice };
  return words[ordering];
}

/** A bar of a chart of deliveries. @param filter Query of the list behind it, ended by `&`, or empty. */
export function barOf(
  { t, f }: Cx,
  { at, first, retried, failed }: Pick<Point, "at" | "first" | "retried" | "failed">,
  filter: string,
  spanMs = HOUR_MS,
) {
  const says = t.deliveries.barSays(f.when(at), f.number(first), f.number(retried), f.number(failed));
  return { at, first, retried, failed, says, to: `/ui/deliveries?${filter}since=${at}&until=${at + spanMs}` };
}
