import type { Clock } from "../async/clock.ts";
import { createInTurn } from "../async/keyed_lock.ts";
import { messageOf } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import type { WebhookId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { EndpointAlerts as StoredAlerts } from "../store/endpoint_alerts.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";

const log = logOf("webhooks");

const TOPIC = "endpoint_alerts";
/** How often alerts are read where the news of other gateways are not heard. */
const LOOK_EVERY_MS = 5_000;

/** An event about how an endpoint does. */
export type AlertDraft = Extract<
  EventDraft,
  { readonly type: "webhook.failing" | "webhook.disabled" | "webhook.recovered" }
>;

export interface EndpointAlertsDeps {
  readonly stored: StoredAlerts;
  readonly news: Pick<News, "hear" | "hearsOthers" | "tell">;
  readonly publish: (draft: EventDraft) => Promise<unknown>;
  readonly clock: Pick<Clock, "every">;
}

/**
 * Which endpoints' trouble was told. It is told once, and so is its end, however many gateways see it and whenever they
 * are started anew: each publishes under the same dedupe key.
 */
export interface EndpointAlerts {
  isOpen(webhookId: WebhookId): boolean;
  /** Tells that an endpoint fails, unless that was told. */
  open(failing: AlertDraft): Promise<void>;
  /** Tells that an endpoint works again, unless that was told. */
  close(recovered: AlertDraft): Promise<void>;
  /** The endpoint is not asked any more: its alert says nothing. */
  drop(webhookId: WebhookId): Promise<void>;
  stop(): void;
}

export async function createEndpointAlerts(deps: EndpointAlertsDeps): Promise<EndpointAlerts> {
  const { stored, news, publish, clock } = deps;
  const open = new Set((await stored.all()).keys());
  const inTurn = createInTurn();

  const publishOnce = (draft: AlertDraft, since: number) =>
    publish({
      ...draft,
      data: { ...draft.data, since },
      dedupeKey: `${draft.type} ${draft.data.webhookId} ${since}`,
    });

  /** Shown as it is to be at once, until that proves impossible: then the next attempt tries again. */
  async function turning(webhookId: WebhookId, toOpen: boolean, work: () => Promise<void>): Promise<void> {
    if (toOpen) open.add(webhookId);
    else open.delete(webhookId);
    try {
      await inTurn(webhookId, work);
      news.tell(TOPIC, webhookId);
    } catch (error) {
      if (toOpen) open.delete(webhookId);
      else open.add(webhookId);
      throw error;
    }
  }

  async function read(webhookId: WebhookId): Promise<void> {
    if (await stored.sinceOf(webhookId) === undefined) open.delete(webhookId);
    else open.add(webhookId);
  }

  async function readAll(): Promise<void> {
    const all = await stored.all();
    for (const id of open) if (!all.has(id)) open.delete(id);
    for (const id of all.keys()) open.add(id);
  }

  const stop = hearOrLook({ news, clock, everyMs: LOOK_EVERY_MS }, TOPIC, (webhookId) => {
    const work = webhookId === ANYTHING ? readAll() : inTurn(webhookId, () => read(webhookId as WebhookId));
    work.catch((error) => log.warn("webhooks.alerts_not_read", { error: messageOf(error) }));
  });

  return {
    isOpen: (webhookId) => open.has(webhookId),
    open: (failing) =>
      turning(failing.data.webhookId, true, async () => {
        const since = await stored.open(failing.data.webhookId, failing.data.since);
        if (since !== undefined) await publishOnce(failing, since);
      }),
    close: (recovered) =>
      turning(recovered.data.webhookId, false, async () => {
        const since = await stored.sinceOf(recovered.data.webhookId);
        if (since === undefined) return;
        await publishOnce(recovered, since);
        await stored.close(recovered.data.webhookId, since);
      }),
    drop: (webhookId) =>
      turning(webhookId, false, async () => {
        const since = await stored.sinceOf(webhookId);
        if (since !== undefined) await stored.close(webhookId, since);
      }),
    stop,
  };
}
