import type { EndpointHealth, EventDraft } from "../events/event.ts";
import type { WebhookId } from "../ids.ts";
import type { AttemptReport } from "./dispatcher.ts";

/** Failed requests in a row after which an endpoint counts as failing even before a delivery is given up. */
const FAILING_AFTER = 20;

/** Failed requests in a row. */
export interface Streak {
  readonly failures: number;
  /** When the first of them began, epoch ms. */
  readonly since: number;
  /** The tenant was told. */
  readonly announced: boolean;
  readonly lastError: string;
  readonly statusCode: number | null;
}

/**
 * Watches how endpoints do and says when one starts failing, is given up (410), or works again. What it says are events
 * of their own, for the other webhooks of the tenant.
 */
export function createEndpointWatch() {
  const streaks = new Map<WebhookId, Streak>();

  function draft(
    type: "webhook.failing" | "webhook.disabled" | "webhook.recovered",
    { webhook, outcome }: AttemptReport,
    streak: Streak,
  ): EventDraft {
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
    observe(report: AttemptReport): EventDraft | undefined {
      const { webhook, outcome, state, gone } = report;
      const streak = streaks.get(webhook.id);
      if (outcome.ok) {
        streaks.delete(webhook.id);
        return streak?.announced ? draft("webhook.recovered", report, streak) : undefined;
      }
      const failures = (streak?.failures ?? 0) + 1;
      const since = streak?.since ?? outcome.startedAt;
      const failing = state.status === "failed" || failures >= FAILING_AFTER;
      const announced = streak?.announced ?? false;
      const { error: lastError, statusCode } = outcome;
      const now = { failures, since, announced: announced || failing, lastError, statusCode };
      streaks.set(webhook.id, now);
      if (gone) return draft("webhook.disabled", report, now);
      return failing && !announced ? draft("webhook.failing", report, now) : undefined;
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
