import { formatOf } from "../formats/mod.ts";
import type { WebhookId } from "../ids.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Events } from "../store/events.ts";
import type { Webhook } from "../store/webhooks.ts";

/** What a delivery sends, and where to. */
export interface SentPayload {
  readonly url: string | null;
  /** The JSON as delivered; null when the webhook was removed. */
  readonly payload: unknown;
}

/** Shows what deliveries send. It is made anew from the event, which never changes, just as every attempt does. */
export interface Payloads {
  of(deliveries: readonly Delivery[]): Promise<ReadonlyMap<number, SentPayload>>;
}

export function createPayloads({ events, webhookOf }: {
  readonly events: Pick<Events, "bySeq">;
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
}): Payloads {
  return {
    async of(deliveries) {
      const found = await events.bySeq([...new Set(deliveries.map(({ eventSeq }) => eventSeq))]);
      return new Map(deliveries.map((delivery) => {
        const webhook = webhookOf(delivery.webhookId);
        const event = found.get(delivery.eventSeq);
        const payload: unknown = webhook === undefined || event === undefined
          ? null
          : JSON.parse(formatOf(webhook.format).render(event, delivery.name));
        return [delivery.number, { url: webhook?.url ?? null, payload }];
      }));
    },
  };
}
