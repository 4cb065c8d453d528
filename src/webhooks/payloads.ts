import { formatOf } from "../formats/mod.ts";
import type { TenantId, WebhookId } from "../ids.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Events } from "../store/events.ts";
import type { RemovedWebhook, Webhook, Webhooks } from "../store/webhooks.ts";

/** What a delivery sends, and where to. */
export interface SentPayload {
  readonly url: string | null;
  /**
   * The JSON as delivered; null when nobody knows any more what the webhook or the event was, and where whoever looks
   * may not see it.
   */
  readonly payload: unknown;
}

/** Shows what deliveries send. It is made anew from the event, which never changes, just as every attempt does. */
export interface Payloads {
  /** @param options.codes Whether whoever looks may see the codes by which a phone is linked. */
  of(
    deliveries: readonly Delivery[],
    options?: { readonly codes: boolean },
  ): Promise<ReadonlyMap<number, SentPayload>>;
}

export function createPayloads({ events, webhookOf, webhooks }: {
  readonly events: Pick<Events, "bySeq">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly webhooks: Pick<Webhooks, "removed">;
}): Payloads {
  /** The webhooks of these deliveries that were removed. */
  async function removedOf(deliveries: readonly Delivery[]): Promise<ReadonlyMap<WebhookId, RemovedWebhook>> {
    const tenants = new Set<TenantId>();
    for (const { tenantId, webhookId } of deliveries) {
      if (webhookOf(webhookId) === undefined) tenants.add(tenantId);
    }
    const removed = await Promise.all([...tenants].map((tenantId) => webhooks.removed(tenantId)));
    return new Map(removed.flat().map((webhook) => [webhook.id, webhook]));
  }

  return {
    async of(deliveries, { codes } = { codes: true }) {
      const found = await events.bySeq([...new Set(deliveries.map(({ eventSeq }) => eventSeq))]);
      const removed = await removedOf(deliveries);
      return new Map(deliveries.map((delivery) => {
        const webhook = webhookOf(delivery.webhookId) ?? removed.get(delivery.webhookId);
        const event = found.get(delivery.eventSeq);
        const isHidden = !codes && event?.type === "device.qr";
        const payload: unknown = webhook === undefined || event === undefined || isHidden
          ? null
          : JSON.parse(formatOf(webhook.format).render(event, delivery.name));
        return [delivery.number, { url: webhook?.url ?? null, payload }];
      }));
    },
  };
}
