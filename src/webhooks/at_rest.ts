import type { TenantId, WebhookId } from "../ids.ts";
import type { Webhook } from "../store/webhooks.ts";

/** A webhook as deliveries may see it: those of a suspended tenant are paused, whatever is stored of them. */
export function webhooksAtRest({ get, isSuspended }: {
  readonly get: (id: WebhookId) => Webhook | undefined;
  readonly isSuspended: (tenantId: TenantId) => boolean;
}): (id: WebhookId) => Webhook | undefined {
  return (id) => {
    const webhook = get(id);
    const rests = webhook?.status === "active" && isSuspended(webhook.tenantId);
    return webhook !== undefined && rests ? { ...webhook, status: "paused" } : webhook;
  };
}
