import { formatOf } from "../../formats/mod.ts";
import type { WebhookRequest } from "../../formats/request.ts";
import type { Attempt } from "../../store/deliveries.ts";
import { scheduleOf } from "../../webhooks/retry.ts";
import type { Cx } from "../cx.ts";
import { Text } from "../parts/code.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Icon } from "../parts/icon.tsx";
import { StatusCode } from "../parts/state.tsx";
import { Clock } from "../parts/time.tsx";
import type { DeliveryFacts } from "./delivery_facts.ts";
import { meaningOf } from "../words/failures.ts";
import { saidIn } from "../words/gateway_sentences.ts";

/** Each request with what it met and what came back, the waits between them, and what comes next. */
export function Attempts({ cx, facts }: { readonly cx: Cx; readonly facts: DeliveryFacts }) {
  const { t, f } = cx;
  const { attempts, delivery, webhook } = facts;
  if (attempts.length === 0) return <p class="hush">{t.tracking.noAttempts}</p>;
  const limitMs = webhook && (webhook.timeoutMs ?? formatOf(webhook.format).timeoutMs);
  return (
    <ol class="timeline">
      {attempts.map((attempt, index) => {
        const before = attempts[index - 1];
        const isOk = attempt.error === null;
        return (
          <li id={`attempt-${attempt.attempt}`}>
            {before === undefined ? "" : (
              <p class="small faint wait">
                {waitInWords(cx, facts, before, attempt)}
              </p>
            )}
            <details class="attempt" open={index === attempts.length - 1}>
              <summary>
                <span class="row">
                  <span class={`dot ${isOk ? "ok" : "bad"}`}>
                    <Icon name={attemptIcon(attempt)} />
                  </span>
                  <span class="hush">{t.tracking.attempt(f.number(attempt.attempt))}</span>
                  <b>
                    {attempt.error === null
                      ? <StatusCode code={attempt.statusCode} />
                      : <Foreign text={saidIn(attempt.error, cx.lang)} max={120} />}
                  </b>
                </span>
                <span class="row hush tabular">
                  {limitMs === undefined ? "" : <Took ms={attempt.durationMs} limitMs={limitMs} ok={isOk} />}
                  <span>{f.span(attempt.durationMs)}</span>
                  <Clock cx={cx} at={attempt.startedAt} seconds />
                </span>
              </summary>
              <AttemptInside cx={cx} facts={facts} attempt={attempt} />
            </details>
          </li>
        );
      })}
      {delivery.status === "pending" && delivery.dueAt > cx.now
        ? (
          <li>
            <p class="small info row">
              <Icon name="clock" tone="info" />
              {t.tracking.nextAt(f.second(delivery.dueAt))}
            </p>
          </li>
        )
        : facts.endpoint?.nextProbeAt != null && delivery.status === "failed"
        ? (
          <li>
            <p class="small info row">
              <Icon name="radar" tone="info" />
              {t.tracking.probeAt(f.second(facts.endpoint.nextProbeAt))}
            </p>
          </li>
        )
        : ""}
    </ol>
  );
}

/** How long it took, against the limit. */
function Took({ ms, limitMs, ok }: { readonly ms: number; readonly limitMs: number; readonly ok: boolean }) {
  const width = Math.max(2, Math.min(100, 100 * ms / limitMs));
  return (
    <svg class="took unlisted" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="b-rest" width="100" height="6" />
      <rect class={ok ? "b-delivered" : "b-failed"} width={width.toFixed(1)} height="6" />
    </svg>
  );
}

function attemptIcon({ error, statusCode }: Attempt) {
  if (error === null) return "check";
  if (statusCode !== null) return "triangle-alert";
  if (/timeout/i.test(error)) return "hourglass";
  return /leads to/.test(error) ? "shield-off" : "unplug";
}

/** How long was waited before an attempt, and why it was made. */
function waitInWords({ t, f }: Cx, { delivery, webhook }: DeliveryFacts, before: Attempt, attempt: Attempt) {
  const waited = f.span(Math.max(0, attempt.startedAt - before.startedAt - before.durationMs));
  const inRound = before.attempt > delivery.roundStart
    ? before.attempt - delivery.roundStart
    : before.attempt;
  const isPlanned = webhook !== undefined && attempt.attempt !== delivery.roundStart + 1 &&
    inRound <= scheduleOf(webhook).waitsMs.length;
  const asked = before.headers?.["retry-after"];
  if (!isPlanned) return t.tracking.waitedAgain(waited);
  if (asked === undefined) return t.tracking.waitedPlanned(waited);
  return (
    <>
      {t.tracking.waitedAsked(waited)} <code hx-ignore>Retry-After: {asked.slice(0, 60).toWellFormed()}</code>
    </>
  );
}

function AttemptInside({ cx, facts, attempt }: {
  readonly cx: Cx;
  readonly facts: DeliveryFacts;
  readonly attempt: Attempt;
}) {
  const { t, lang } = cx;
  const meaning = attempt.error === null ? undefined : meaningOf(attempt.error, lang);
  const request = facts.requestAt?.(attempt.attempt, attempt.startedAt);
  const answer = [
    ...attempt.statusCode === null ? [] : [`HTTP ${attempt.statusCode}`],
    ...Object.entries(attempt.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...attempt.response === null || attempt.response === "" ? [] : ["", attempt.response],
  ].join("\n");
  return (
    <div class="stack pad-y">
      {meaning === undefined ? "" : <p class="hush">{meaning}</p>}
      <div class={request === undefined ? "" : "two"}>
        {request === undefined ? "" : (
          <div class="stack tight">
            <p class="small faint">{t.tracking.request}</p>
            <Text text={requestShown(request)} tall />
          </div>
        )}
        <div class="stack tight">
          <p class="small faint">{t.tracking.answer}</p>
          {attempt.response === null
            ? <p class="hush">{t.tracking.noAnswer}</p>
            : <Text text={answer} tall />}
          {attempt.response === "" ? <p class="small hush">{t.tracking.emptyAnswer}</p> : ""}
        </div>
      </div>
    </div>
  );
}

/** Method, path and headers, as they go out. */
function requestShown({ url, headers }: WebhookRequest): string {
  const { pathname } = new URL(url);
  return [
    `POST ${pathname}`,
    ...Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`),
  ]
    .join("\n");
}
