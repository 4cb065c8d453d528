import type { EndpointHealth } from "../events/event.ts";
import type { WebhookId } from "../ids.ts";
import type { AttemptReport } from "./dispatcher.ts";
import type { AlertDraft, EndpointAlerts } from "./endpoint_alerts.ts";

/** Failed requests in a row after which an endpoint counts as failing even before a delivery is given up. */
const FAILING_AFTER = 20;

/** Failed requests in a row. */
export interface Streak {
  readonly failures: number;
  /** When the first of them began, epoch ms. */
  readonly since: number;
  readonly lastError: string;
  readonly statusCode: number | null;
}

/**
 * Watches how endpoints do and says when one starts failing, is given up (410), or works again. What it says are events
 * of their own, for the other webhooks of the tenant.
 */
export function createEndpointWatch(alerts: Pick<EndpointAlerts, "isOpen">) {
  const streaks = new Map<WebhookId, Streak>();

  function draft(
    type: "webhook.failing" | "webhook.disabled" | "webhook.recovered",
    { webhook, outcome }: AttemptReport,
    streak: Pick<Streak, "failures" | "since">,
  ): AlertDraft {
    const data: EndpointHealth = {
      webhookId: webhook.id,
      url: webhook.url,
      failures: streak.failures,
      since: streak.since,
      lastError: outcome.ok ? "" : outcome.error,
      statusCode: outcome.statusCode,
    };
    return { type, tenantId: webhook.tenantId, device: null, data };
  }

  return {
    /** What there is to tell after this attempt; undefined: nothing new. */
    observe(report: AttemptReport): AlertDraft | undefined {
      const { webhook, outcome, state, gone } = report;
      const streak = streaks.get(webhook.id);
      if (outcome.ok) {
        streaks.delete(webhook.id);
        if (!alerts.isOpen(webhook.id)) return undefined;
        return draft("webhook.recovered", report, streak ?? { failures: 0, since: outcome.startedAt });
      }
      const failures = (streak?.failures ?? 0) + 1;
      const since = streak?.since ?? outcome.startedAt;
      const { error: lastError, statusCode } = outcome;
      const now = { failures, since, lastError, statusCode };
      streaks.set(webhook.id, now);
      if (gone) return draft("webhook.disabled", report, now);
      const isFailing = state.status === "failed" || failures >= FAILING_AFTER;
      return isFailing && !alerts.isOpen(webhook.id) ? draft("webhook.failing", report, now) : undefined;
    },
    /** The failures since the endpoint last took something; undefined: it took the last one. */
    streakOf: (webhookId: WebhookId): Streak | undefined => streaks.get(webhookId),
    forget(webhookId: WebhookId): void {
      streaks.delete(webhookId);
    },
  };
}

/** How endpoints do, as far as this run has seen it. */
export type EndpointWatch = ReturnType<typeof createEndpointWatch>;
