import type { WebhookId } from "../ids.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { Webhook } from "../store/webhooks.ts";
import type { Streak } from "./endpoint_health.ts";
import type { OutageState } from "./recovery.ts";

/**
 * How the endpoint of a webhook does.
 *
 * * `ok`: it takes what it gets, as far as is known.
 * * `failing`: requests fail; those that failed are tried again as planned.
 * * `given_up`: a delivery has used up its retries; the endpoint is probed from time to time.
 * * `probing`: a probe is on its way.
 * * `draining`: the endpoint works again; what had failed is on its way, in order.
 * * `paused`, `disabled`: nothing is sent.
 */
export type EndpointHealth = "ok" | "failing" | "given_up" | "probing" | "draining" | "paused" | "disabled";

export interface EndpointState {
  readonly health: EndpointHealth;
  /** When the present trouble began, epoch ms; null without trouble. */
  readonly since: number | null;
  /** Requests that failed in a row. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastStatusCode: number | null;
  /** Deliveries that wait for their next attempt, or for the first. */
  readonly waiting: number;
  /** Deliveries that were given up and not taken since. */
  readonly failed: number;
  /** When the oldest that waits was made, epoch ms. */
  readonly oldestWaitingAt: number | null;
  /** Epoch ms; null: none is planned. */
  readonly nextProbeAt: number | null;
  readonly probesLeft: number;
}

/** Those whose endpoints were given up and are probed: what failed there is tried again once one gets through. */
export function createProbed({ outageOf }: Pick<EndpointStateDeps, "outageOf">) {
  return (webhooks: readonly Webhook[]): readonly WebhookId[] =>
    webhooks.filter(({ id, status }) => status === "active" && outageOf(id) !== undefined).map(({ id }) =>
      id
    );
}

export interface EndpointStateDeps {
  readonly deliveries: Pick<Deliveries, "backlog" | "list">;
  readonly streakOf: (webhookId: WebhookId) => Streak | undefined;
  readonly outageOf: (webhookId: WebhookId) => OutageState | undefined;
}

/** Reads how an endpoint does from what watches it and from what waits for it. */
export function createEndpointState({ deliveries, streakOf, outageOf }: EndpointStateDeps) {
  return async (webhook: Webhook): Promise<EndpointState> => {
    const backlog = await deliveries.backlog(webhook.id);
    const streak = streakOf(webhook.id);
    const outage = outageOf(webhook.id);
    const troubled = streak !== undefined || outage !== undefined;
    // after a restart nobody remembers the last request but the store
    const [last] = troubled && streak === undefined
      ? await deliveries.list({ webhookIds: [webhook.id], status: "failed" }, { limit: 1 })
      : [];
    return {
      health: healthOf(webhook, streak, outage),
      since: outage?.since ?? streak?.since ?? null,
      failures: streak?.failures ?? 0,
      lastError: streak?.lastError ?? last?.error ?? null,
      lastStatusCode: streak?.statusCode ?? last?.statusCode ?? null,
      waiting: backlog.pending,
      failed: backlog.failed,
      oldestWaitingAt: backlog.oldestPendingAt,
      nextProbeAt: outage?.nextProbeAt ?? null,
      probesLeft: outage?.probesLeft ?? 0,
    };
  };
}

function healthOf(
  { status }: Webhook,
  streak: Streak | undefined,
  outage: OutageState | undefined,
): EndpointHealth {
  if (status !== "active") return status;
  if (outage !== undefined) return outage.doing === "waiting" ? "given_up" : outage.doing;
  return streak === undefined ? "ok" : "failing";
}
