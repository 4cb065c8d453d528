import type { WebhookId } from "../ids.ts";

/** Endpoints whose trouble was told to their tenants and is not over, over restarts and for all gateways on a store. */
export interface EndpointAlerts {
  /**
   * Opens an alert, unless one is open.
   * @param since When the trouble began, epoch ms.
   * @returns Since when it is open; undefined: there is no such webhook.
   */
  open(webhookId: WebhookId, since: number): Promise<number | undefined>;
  /** Since when an alert is open; undefined: none is. */
  sinceOf(webhookId: WebhookId): Promise<number | undefined>;
  /** Closes the alert that is open since then, if it still is. */
  close(webhookId: WebhookId, since: number): Promise<void>;
  /** Since when which alerts are open. */
  all(): Promise<ReadonlyMap<WebhookId, number>>;
}
