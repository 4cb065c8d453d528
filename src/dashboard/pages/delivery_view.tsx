import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { FORMAT_NAMES, formatOf } from "../../formats/mod.ts";
import type { WebhookRequest } from "../../formats/request.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { DryRun } from "../../webhooks/replays.ts";
import { secretSince } from "../../webhooks/secrets.ts";
import type { Cx } from "../cx.ts";
import { chatOf } from "../parts/about.ts";
import { Json } from "../parts/code.tsx";
import { deliveryStanding } from "../parts/delivery_state.ts";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { Do } from "../parts/form.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { Icon } from "../parts/icon.tsx";
import { jidShown } from "../parts/phone.ts";
import { Facts, Head, Notice, Panel, Segments } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { State } from "../parts/state.tsx";
import { Clock } from "../parts/time.tsx";
import type { DeliveryFacts } from "./delivery_facts.ts";
import { deliveriesUrl, failedAt } from "./delivery_filter.ts";
import { saidIn } from "../words/gateway_sentences.ts";
import { Attempts } from "./delivery_attempts.tsx";
import { DeliveryRoute } from "./delivery_route.tsx";

export function DeliveryPage({ cx, facts }: { readonly cx: Cx; readonly facts: DeliveryFacts }) {
  const { t, f } = cx;
  const { delivery, webhook, device, endpoint } = facts;
  const id = deliveryIdOf(delivery.number);
  const chat = chatOf(facts.event);
  const secretAt = webhook === undefined ? null : secretSince(webhook);
  const planned = endpoint !== undefined && ["given_up", "probing", "draining"].includes(endpoint.health);
  const canRetry = delivery.status !== "pending" && webhook !== undefined && webhook.status !== "disabled";
  return (
    <>
      <Head
        cx={cx}
        title={<ForeignCode text={delivery.name} max={80} />}
        beside={
          <Live id="state" class="row">
            <State standing={deliveryStanding(delivery, planned, t)} pill />
          </Live>
        }
        sub={
          <>
            {t.tracking.to} {webhook === undefined
              ? t.tracking.removed
              : <a href={`/ui/webhooks/${webhook.id}`}>{hostOf(webhook.url)}</a>}
            {delivery.deviceId === null ? "" : (
              <>
                , {t.tracking.fromDevice}{" "}
                <a href={`/ui/devices/${delivery.deviceId}`}>
                  <Foreign text={device ?? delivery.deviceId} max={60} />
                </a>
              </>
            )}
          </>
        }
        crumbs={[{ to: "/ui/deliveries", label: t.shell.deliveries }, {
          label: <code>{id}</code>,
        }]}
        actions={
          <>
            {facts.requestAt === undefined ? "" : (
              <>
                <pre id="curl" hidden hx-ignore>{curlOf(facts.requestAt(delivery.attempts + 1, cx.now))}</pre>
                <button class="button" type="button" data-copy="#curl" data-script hidden>
                  <Icon name="copy" />
                  {t.tracking.copyCurl}
                </button>
              </>
            )}
            {canRetry
              ? (
                <Do
                  cx={cx}
                  action={`/ui/deliveries/${id}/retry`}
                  label={delivery.status === "success" ? t.tracking.sendAgain : t.tracking.retryNow}
                  icon="rotate-cw"
                  look="main"
                  hotkey="r"
                />
              )
              : ""}
          </>
        }
      />
      <Live id="route">
        <DeliveryRoute cx={cx} facts={facts} />
      </Live>
      <div class="wide-narrow">
        <div class="stack">
          <Panel
            title={t.tracking.attempts}
            note={delivery.status === "failed" && planned ? t.tracking.scheduleUsedUp : undefined}
          >
            <Live id="attempts">
              <Attempts cx={cx} facts={facts} />
            </Live>
          </Panel>
          <BodyPanel cx={cx} facts={facts} />
        </div>
        <div class="stack">
          <Live id="similar">
            <Similar cx={cx} facts={facts} />
          </Live>
          <Panel title={t.tracking.facts}>
            <Facts
              rows={[
                [t.tracking.id, <ForeignCode text={id} />],
                [
                  t.tracking.event,
                  (
                    <a href={`/ui/events/${delivery.eventId}`}>
                      <ForeignCode text={delivery.eventId} />
                    </a>
                  ),
                ],
                chat === undefined || delivery.deviceId === null ? undefined : [
                  t.tracking.chat,
                  (
                    <a href={`/ui/chats?${new URLSearchParams({ device: delivery.deviceId, chat })}`}>
                      <Foreign text={jidShown(chat)} max={60} />
                    </a>
                  ),
                ],
                webhook === undefined ? undefined : [t.tracking.format, webhook.format],
                webhook === undefined ? undefined : [
                  t.tracking.signed,
                  webhook.secrets.length === 0
                    ? t.webhooks.unsigned
                    : secretAt === null
                    ? t.webhooks.signed
                    : t.tracking.secretOf(f.shortDay(secretAt)),
                ],
                webhook === undefined ? undefined : [t.tracking.order, orderShown(cx, webhook)],
                [t.tracking.made, <Clock cx={cx} at={delivery.createdAt} seconds />],
              ]}
            />
          </Panel>
        </div>
      </div>
    </>
  );
}

function BodyPanel({ cx, facts: { delivery, event, payload, format } }: {
  readonly cx: Cx;
  readonly facts: DeliveryFacts;
}) {
  const { t } = cx;
  const to = `/ui/deliveries/${deliveryIdOf(delivery.number)}`;
  const name = event && format && formatOf(format).says(event)[0];
  const shown = format === undefined
    ? payload
    : event === undefined || name === undefined
    ? null
    : JSON.parse(formatOf(format).render(event, name));
  return (
    <Panel
      id="body-panel"
      title={t.tracking.body}
      actions={
        <>
          {event === undefined ? "" : (
            <Segments
              label={t.tracking.format}
              options={[
                { to: `${to}#body-panel`, label: t.tracking.asSent, on: format === undefined },
                ...FORMAT_NAMES.map((each) => ({
                  to: `${to}?format=${each}#body-panel`,
                  label: each,
                  on: each === format,
                })),
              ]}
            />
          )}
          {shown === null
            ? ""
            : (
              <button class="button small" type="button" data-copy="#body" data-script hidden>
                {t.shell.copy}
              </button>
            )}
        </>
      }
    >
      {shown === null
        ? <p class="hush">{event === undefined ? t.tracking.gone : t.events.notInFormat}</p>
        : <Json value={shown} id="body" tall />}
    </Panel>
  );
}

function orderShown({ t }: Cx, { ordering }: Webhook): string {
  if (ordering === "chat") return t.tracking.orderChat;
  return ordering === "device" ? t.tracking.orderDevice : t.tracking.orderNone;
}

/** The request as a command, with a signature of now; what the owner's headers hold stays hidden. */
function curlOf({ url, headers, body }: WebhookRequest): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  return [
    `curl -X POST ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `--data-raw ${quoted(text)}`,
  ].join(" \\\n  ");
}

/** So many are sent again from here; more have to be confirmed by their number. */
const MOST_FROM_HERE = 1_000;

/** What else failed at the webhook, and what sending it again would be. */
function Similar({ cx, facts: { delivery, webhook, endpoint, similar, dryRun } }: {
  readonly cx: Cx;
  readonly facts: DeliveryFacts;
}) {
  const { t, f } = cx;
  if (webhook === undefined || similar === 0) return <></>;
  const isDown = endpoint !== undefined && ["failing", "given_up"].includes(endpoint.health);
  const mayProbe = endpoint?.nextProbeAt != null;
  const to = deliveriesUrl(failedAt(webhook.id), {}, "/ui/replays/new");
  const mayReplay = dryRun !== undefined && dryRun.count > 0 && dryRun.count <= MOST_FROM_HERE;
  return (
    <Panel title={t.tracking.similar}>
      <div class="stack">
        <p class="hush">{t.tracking.similarWhat(f.number(similar))}</p>
        {dryRun === undefined || dryRun.count === 0 ? "" : <DryRunHere cx={cx} run={dryRun} to={to} />}
        {isDown && endpoint.lastError !== null
          ? <Notice tone="warn">{t.tracking.stillFails(saidIn(endpoint.lastError, cx.lang))}</Notice>
          : ""}
        <div class="row">
          {mayReplay
            ? (
              <Do
                cx={cx}
                action={to}
                label={isDown
                  ? t.tracking.replayAnyway(f.number(dryRun.count))
                  : t.tracking.doReplay(f.number(dryRun.count))}
                icon="history"
              />
            )
            : (
              <a class="button" href={to}>
                <Icon name="flask-conical" />
                {t.tracking.seeDryRun}
              </a>
            )}
          {delivery.status !== "failed" ? "" : (
            <a
              class="button"
              href={deliveriesUrl(failedAt(webhook.id), { since: delivery.createdAt }, "/ui/replays/new")}
            >
              <Icon name="history" />
              {t.tracking.replayFromHere}
            </a>
          )}
          {mayProbe
            ? (
              <Do
                cx={cx}
                action={`/ui/webhooks/${webhook.id}/probe`}
                label={t.tracking.probeFirst}
                icon="radar"
              />
            )
            : ""}
        </div>
      </div>
    </Panel>
  );
}

function DryRunHere({ cx, run, to }: { readonly cx: Cx; readonly run: DryRun; readonly to: string }) {
  const { t, f } = cx;
  const chats = f.number(run.chats);
  return (
    <div class="dry-run stack">
      <p class="row small">
        <State standing={{ word: t.tracking.dryRun, icon: "flask-conical", tone: "info" }} pill />
        <span class="hush">{t.tracking.nothingSent}</span>
      </p>
      <p>{t.tracking.wouldSend(f.number(run.count))}</p>
      <Facts
        rows={[
          ...run.byEvent.slice(0, 5).map(({ event, count }) =>
            [<ForeignCode text={event} max={40} />, f.number(count)] as const
          ),
          run.chats === 0
            ? undefined
            : [t.tracking.chats, run.inOrder ? t.tracking.chatsInOrder(chats) : chats],
          run.firstAt === null || run.lastAt === null ? undefined : [
            t.tracking.fromTo,
            <>
              <Clock cx={cx} at={run.firstAt} seconds /> – <Clock cx={cx} at={run.lastAt} seconds />
            </>,
          ],
        ]}
      />
      {run.lookedAt < run.count ? <p class="small faint">{t.tracking.partly(f.number(run.lookedAt))}</p> : ""}
      <a class="small" href={to}>{t.tracking.dryRunWhole}</a>
    </div>
  );
}
