import { messageOf } from "../errors.ts";
import type { EventDraft, KabarEvent } from "../events/event.ts";
import { deliveryIdOf } from "./delivery_id.ts";
import { type WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { AttemptReport } from "./dispatcher.ts";
import type { AlertDraft, EndpointAlerts } from "./endpoint_alerts.ts";
import type { EndpointWatch } from "./endpoint_health.ts";
import { isUnrenderable, type Outcome } from "./outcome.ts";
import type { Recovery } from "./recovery.ts";
import type { RegistryChange } from "./registry.ts";

const log = logOf("webhooks");

export interface FollowUpDeps {
  readonly recovery: Pick<
    Recovery,
    "failed" | "forget" | "nextTryAt" | "passedOver" | "probeNow" | "resumed" | "succeeded"
  >;
  readonly watch: Pick<EndpointWatch, "forget" | "observe">;
  readonly alerts: Pick<EndpointAlerts, "close" | "drop" | "isOpen" | "open">;
  readonly publish: (draft: EventDraft) => Promise<unknown>;
  /** The endpoint answered 410: it wants no more. */
  readonly disable: (webhookId: WebhookId, reason: string) => Promise<void>;
}

/** What attempts mean beyond their delivery: for the endpoint, its other deliveries, and its owner. */
export interface FollowUp {
  /**
   * One attempt only, whatever the schedule says: a test has a caller who waits, and what recovers is tried once at
   * each of its times.
   */
  once(delivery: Delivery, event: KabarEvent): boolean;
  /** When a delivery that is being given up is to be tried again by itself, epoch ms; undefined: never. */
  recoverAt(delivery: Delivery, event: KabarEvent, outcome: Outcome): number | undefined;
  /** An attempt was made, and its outcome is written down. */
  attempted(report: AttemptReport): void;
  /**
   * A webhook was added, changed or removed: what is known of its endpoint counts no more once it rests, and is tried
   * once it is another one.
   */
  changed(change: RegistryChange): void;
}

export function createFollowUp({ recovery, watch, alerts, publish, disable }: FollowUpDeps): FollowUp {
  function attend(webhookId: WebhookId, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      log.error("webhook.news_lost", { webhook: webhookId, error: messageOf(error) });
    });
  }

  function tell(news: AlertDraft): Promise<unknown> {
    if (news.type === "webhook.failing") return alerts.open(news);
    return news.type === "webhook.recovered" ? alerts.close(news) : publish(news);
  }

  return {
    once: (delivery, event) => isTest(event) || delivery.recovering === true,

    recoverAt: (delivery, event, outcome) =>
      isTest(event) || isUnrenderable(outcome) ? undefined : recovery.nextTryAt(delivery),

    attempted(report) {
      const { webhook, delivery, event, outcome, state, gone } = report;
      logAttempt(report);
      const isOfEndpoint = !isTest(event) && !isUnrenderable(outcome);
      if (outcome.ok) recovery.succeeded(delivery);
      else if (state.status === "failed" && isOfEndpoint) recovery.failed(delivery, state.recoverAt);
      else if (state.status === "failed") recovery.passedOver(delivery);
      const news = isOfEndpoint ? watch.observe(report) : undefined;
      if (gone) attend(webhook.id, disable(webhook.id, "The endpoint answered 410 Gone"));
      if (news !== undefined) attend(webhook.id, tell(news));
    },

    changed({ what, webhook, before }) {
      if (what === "removed" || webhook.status !== "active") {
        recovery.forget(webhook.id);
        watch.forget(webhook.id);
        if (alerts.isOpen(webhook.id)) attend(webhook.id, alerts.drop(webhook.id));
        return;
      }
      if (before !== undefined && before.url !== webhook.url) recovery.probeNow(webhook.id);
      recovery.resumed(webhook.id);
    },
  };
}

/** A test says to its caller how it went, and to nobody else. */
function isTest({ type }: KabarEvent): boolean {
  return type === "webhook.test";
}

function logAttempt({ webhook, delivery, outcome, state }: AttemptReport): void {
  const fields = {
    webhook: webhook.id,
    delivery: deliveryIdOf(delivery.number),
    event: delivery.name,
    attempt: delivery.attempts + 1,
    status: outcome.statusCode,
    ms: Math.round(outcome.durationMs),
  };
  if (outcome.ok) log.info("webhook.delivered", fields);
  else log.warn("webhook.attempt_failed", { ...fields, error: outcome.error, next: state.status });
}
