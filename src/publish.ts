import type { EventDraft, KabarEvent } from "./events/event.ts";
import { withOrigin } from "./events/origin.ts";
import type { EventId, TenantId } from "./ids.ts";
import { createOrderedPublish, type WebhookVersions } from "./ordered_publish.ts";
import type { Events } from "./store/events.ts";
import type { NewDelivery } from "./store/deliveries.ts";
import type { Webhook } from "./store/webhooks.ts";
import type { Delivery } from "./store/deliveries.ts";

/** What became of a draft. `duplicate`: the same fact was published before; nothing was added. */
export type Published =
  | { readonly duplicate: false; readonly event: KabarEvent; readonly deliveries: readonly Delivery[] }
  | { readonly duplicate: true; readonly eventId: EventId };

/**
 * The one way in. Stores an event with one delivery for each subscription that wants it, in one transaction, then
 * hands the deliveries to the dispatcher. When the promise resolves, the event cannot be lost any more.
 * @throws {StoreUnavailableError} If the store cannot take it; then nothing was stored.
 */
export type Publish = (draft: EventDraft) => Promise<Published>;

export interface PublishDeps {
  readonly events: Pick<Events, "append">;
  readonly matching: (
    draft: EventDraft,
  ) => readonly { readonly webhook: Webhook; readonly names: readonly string[] }[];
  readonly dispatcher: {
    /** Keeps a place in memory for a delivery of this webhook; false: it has to wait in the store. */
    reserve(webhook: Webhook): boolean;
    /** Gives back places that were kept for nothing. */
    unreserve(webhookId: string): void;
    take(event: KabarEvent, deliveries: readonly Delivery[], claimed: readonly boolean[]): void;
  };
  /**
   * Where other gateways change webhooks, too: what `matching` goes by. Left out: only this process does.
   */
  readonly webhooks?: WebhookVersions;
  readonly onPublished: (tenantId: TenantId, event: KabarEvent) => void;
  readonly now: () => number;
}

export function createPublish(deps: PublishDeps): Publish {
  const { events, matching, dispatcher, onPublished, now } = deps;
  async function publishOnce(draft: EventDraft, version: number | undefined): Promise<Published> {
    const planned: NewDelivery[] = [];
    for (const { webhook, names } of matching(draft)) {
      const orderingKey = orderingKeyOf(draft, webhook);
      for (const name of names) {
        const claimed = orderingKey === null && dispatcher.reserve(webhook);
        planned.push({ webhookId: webhook.id, name, orderingKey, claimed });
      }
    }
    const giveBack = () => {
      for (const { webhookId, claimed } of planned) if (claimed) dispatcher.unreserve(webhookId);
    };
    const appended = await events.append(draft, planned, now(), version).catch((error: unknown) => {
      giveBack();
      throw error;
    });
    if (appended.duplicate) {
      giveBack();
      return appended;
    }
    dispatcher.take(appended.event, appended.deliveries, planned.map(({ claimed }) => claimed));
    onPublished(draft.tenantId, appended.event);
    return appended;
  }

  if (deps.webhooks === undefined) return (reported) => publishOnce(withOrigin(reported), undefined);
  const inOrder = createOrderedPublish(publishOnce, deps.webhooks);
  return (reported) => inOrder(withOrigin(reported));
}

/** What has to stay in order for this webhook: null when it asked for no order. */
function orderingKeyOf(draft: EventDraft, webhook: Webhook): string | null {
  if (webhook.ordering === "none") return null;
  const device = draft.device?.id ?? draft.tenantId;
  if (webhook.ordering === "device") return device;
  if (draft.orderingKey !== undefined) return `${device}/${draft.orderingKey}`;
  if (!("chat" in draft.data)) return device;
  const { jid, lid = jid } = draft.data.chat; // a person's LID stays when their number becomes known, or changes
  return `${device}/${lid}`;
}
