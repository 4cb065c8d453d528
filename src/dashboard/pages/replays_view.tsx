import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { Replay } from "../../store/replays.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import type { DryRun } from "../../webhooks/replays.ts";
import type { Cx } from "../cx.ts";
import { Foreign, ForeignCode } from "../parts/foreign.tsx";
import { Do, type Faults, Field, Form, tied } from "../parts/form.tsx";
import { hostOf } from "../parts/webhook_state.ts";
import { Icon } from "../parts/icon.tsx";
import { Empty, Facts, Head, Notice, Panel } from "../parts/layout.tsx";
import { Live } from "../parts/live.tsx";
import { type Standing, State } from "../parts/state.tsx";
import { Ago, Clock } from "../parts/time.tsx";
import { saidIn } from "../words/gateway_sentences.ts";
import { deliveriesUrl } from "./delivery_filter.ts";

/** What a replay would send, before anything is sent. */
export function DryRunPage({ cx, run, webhooks, down, faults, must, action, back }: {
  readonly cx: Cx;
  readonly run: DryRun;
  readonly webhooks: ReadonlyMap<string, Webhook>;
  /** Endpoints that fail now: what is sent there again will fail again. */
  readonly down: readonly { readonly webhook: Webhook; readonly state: EndpointState }[];
  readonly faults: Faults;
  /** The number that has to be typed first. */
  readonly must: string | undefined;
  readonly action: string;
  readonly back: string;
}) {
  const { t, f } = cx;
  const sendable = run.count - run.skipped.pending - run.skipped.disabled;
  const stays = [
    run.skipped.pending === 0 ? undefined : t.tracking.stayPending(f.number(run.skipped.pending)),
    run.skipped.disabled === 0 ? undefined : t.tracking.stayDisabled(f.number(run.skipped.disabled)),
  ].filter((line) => line !== undefined);
  return (
    <>
      <Head
        cx={cx}
        title={t.tracking.dryRun}
        beside={
          <State standing={{ word: t.tracking.nothingSent, icon: "flask-conical", tone: "info" }} pill />
        }
        sub={sendable <= 0 ? t.tracking.nothingToReplay : t.tracking.wouldSend(f.number(sendable))}
        crumbs={[{ to: "/ui/deliveries", label: t.shell.deliveries }, { label: t.tracking.dryRun }]}
      />
      <div class="wide-narrow">
        <div class="stack">
          <Panel title={t.tracking.dryRun}>
            <Facts
              loose
              rows={[
                [
                  t.tracking.byEvent,
                  <Counts cx={cx} rows={run.byEvent.map((row) => [row.event, row.count])} />,
                ],
                [
                  t.tracking.byWebhook,
                  <Counts
                    cx={cx}
                    rows={run.byWebhook.map(({ webhookId, count }) => [
                      hostOf(webhooks.get(webhookId)?.url) ?? webhookId,
                      count,
                    ])}
                  />,
                ],
                run.firstAt === null || run.lastAt === null ? undefined : [
                  t.tracking.fromTo,
                  <>
                    <Clock cx={cx} at={run.firstAt} seconds /> – <Clock cx={cx} at={run.lastAt} seconds />
                  </>,
                ],
                run.chats === 0 ? undefined : [t.tracking.chats, f.number(run.chats)],
                [t.tracking.orderKept, run.inOrder ? t.shell.yes : t.shell.no],
                stays.length === 0 ? undefined : [
                  t.tracking.stay,
                  <ul>{stays.map((line) => <li>{line}</li>)}</ul>,
                ],
              ]}
            />
            {run.lookedAt < run.count
              ? <p class="small faint">{t.tracking.partly(f.number(run.lookedAt))}</p>
              : ""}
          </Panel>
          {run.samples.length === 0 ? "" : (
            <Panel title={t.tracking.samples} bare>
              <ul class="items">
                {run.samples.map((delivery) => (
                  <li class="goes">
                    <a class="goes-to mono grow" href={`/ui/deliveries/${deliveryIdOf(delivery.number)}`}>
                      <Foreign text={delivery.name} max={60} />
                    </a>
                    <span class="small faint">
                      {hostOf(webhooks.get(delivery.webhookId)?.url) ?? ""}
                    </span>
                    <Clock cx={cx} at={delivery.createdAt} seconds />
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
        <div class="main-first">
          <Panel>
            {sendable <= 0 ? "" : down.slice(0, 3).map((one) => <StillFails cx={cx} {...one} />)}
            {sendable <= 0
              ? <a class="button" href={back}>{t.shell.cancel}</a>
              : (
                <Form cx={cx} action={action} class="stack">
                  {must === undefined
                    ? ""
                    : (
                      <Field name="must" label={t.tracking.typeNumber} faults={faults} hint={must}>
                        <input {...tied("must", faults, true)} inputmode="numeric" autocomplete="off" />
                      </Field>
                    )}
                  <div class="row">
                    <button class={down.length === 0 ? "button main" : "button"} type="submit">
                      <Icon name="history" />
                      {down.length === 0
                        ? t.tracking.doReplay(f.number(sendable))
                        : t.tracking.replayAnyway(f.number(sendable))}
                    </button>
                    <a class="button" href={back}>{t.shell.cancel}</a>
                  </div>
                </Form>
              )}
          </Panel>
        </div>
      </div>
    </>
  );
}

/** An endpoint that fails now, and the button that asks it once. */
function StillFails({ cx, webhook, state }: {
  readonly cx: Cx;
  readonly webhook: Webhook;
  readonly state: EndpointState;
}) {
  const { t, lang } = cx;
  const error = saidIn(state.lastError ?? t.webhooks.noResponse, lang);
  return (
    <Notice
      tone="warn"
      action={state.nextProbeAt === null ? undefined : (
        <Do
          cx={cx}
          action={`/ui/webhooks/${webhook.id}/probe`}
          label={t.tracking.probeFirst}
          icon="radar"
          look="main"
        />
      )}
    >
      <Foreign text={t.tracking.hostStillFails(hostOf(webhook.url), error)} max={400} />
    </Notice>
  );
}

function Counts({ cx, rows }: { readonly cx: Cx; readonly rows: readonly (readonly [string, number])[] }) {
  return (
    <ul>
      {rows.slice(0, 10).map(([name, count]) => (
        <li class="row apart">
          <ForeignCode text={name} max={60} />
          <span class="tabular">{cx.f.number(count)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Replays that were begun, newest first. */
export function ReplaysPage({ cx, replays }: { readonly cx: Cx; readonly replays: readonly Replay[] }) {
  const { t, f } = cx;
  return (
    <>
      <Head
        cx={cx}
        title={t.tracking.replays}
        crumbs={[{ to: "/ui/deliveries", label: t.shell.deliveries }, { label: t.tracking.replays }]}
      />
      <Panel bare>
        <Live id="replays">
          {replays.length === 0
            ? (
              <Empty
                icon="history"
                title={t.tracking.noReplays}
                action={
                  <a class="button" href={deliveriesUrl({ span: "month", state: "failed" })}>
                    {t.tracking.seeFailed}
                  </a>
                }
              >
                {t.tracking.noReplaysWhy}
              </Empty>
            )
            : (
              <ul class="items">
                {replays.map((replay) => (
                  <li class="goes">
                    <a class="goes-to grow" href={`/ui/replays/${replay.id}`} data-id={replay.id}>
                      {t.tracking.replayed(f.number(replay.replayed), f.number(replay.total))}
                    </a>
                    <State standing={replayStanding(cx, replay)} />
                    <Ago cx={cx} at={replay.startedAt} />
                  </li>
                ))}
              </ul>
            )}
        </Live>
      </Panel>
    </>
  );
}

/** One replay, while it runs and afterwards. */
export function ReplayPage({ cx, replay }: { readonly cx: Cx; readonly replay: Replay }) {
  const { t, f } = cx;
  return (
    <>
      <Head
        cx={cx}
        title={t.tracking.replayTitle}
        beside={
          <Live id="state" class="row">
            <State standing={replayStanding(cx, replay)} pill />
          </Live>
        }
        crumbs={[{ to: "/ui/replays", label: t.tracking.replays }, { label: replay.id }]}
      />
      <Panel>
        <Live id="progress">
          <p>{t.tracking.replayed(f.number(replay.replayed), f.number(replay.total))}</p>
          <progress
            class="progress"
            max={Math.max(1, replay.total)}
            value={replay.status === "done" ? Math.max(1, replay.total) : replay.looked}
            aria-label={t.tracking.replayTitle}
          >
          </progress>
          <Facts
            rows={[
              ...paceOf(cx, replay),
              [t.tracking.started, <Clock cx={cx} at={replay.startedAt} seconds />],
              replay.finishedAt === null
                ? undefined
                : [t.tracking.ended, <Clock cx={cx} at={replay.finishedAt} seconds />],
            ]}
          />
          {replay.status === "running"
            ? (
              <Do
                cx={cx}
                action={`/ui/replays/${replay.id}/stop`}
                label={t.tracking.stop}
                icon="square"
                look="danger"
              />
            )
            : ""}
        </Live>
      </Panel>
    </>
  );
}

/** How fast it goes, and when it ends if it goes on so; nothing before there is something to go by. */
function paceOf({ t, f, now }: Cx, { status, looked, total, startedAt }: Replay) {
  const ms = now - startedAt;
  if (status !== "running" || looked === 0 || ms < 1_000) return [];
  const left = Math.max(0, total - looked);
  return [
    [t.tracking.pace, t.tracking.perSecond(f.number(Math.round(10_000 * looked / ms) / 10))],
    [t.tracking.endsAbout, f.when(now + left * ms / looked)],
  ] as const;
}

function replayStanding({ t }: Cx, { status }: Replay): Standing {
  switch (status) {
    case "running":
      return { word: t.tracking.running, icon: "loader", tone: "info" };
    case "done":
      return { word: t.tracking.replayDone, icon: "circle-check", tone: "ok" };
    case "stopped":
      return { word: t.tracking.replayStopped, icon: "square", tone: "idle" };
    case "failed":
      return { word: t.tracking.replayFailed, icon: "octagon-x", tone: "bad" };
  }
}
