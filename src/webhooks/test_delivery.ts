import { InvalidError } from "../errors.ts";
import type { EventDraft } from "../events/event.ts";
import { formatOf } from "../formats/mod.ts";
import type { WebhookId } from "../ids.ts";
import type { Publish } from "../publish.ts";
import type { Webhook } from "../store/webhooks.ts";
import type { Decision, Decisions } from "./decisions.ts";
import { scheduleOf } from "./retry.ts";

/** On top of all waits and timeouts of a delivery, for its commits. */
const MARGIN_MS = 5_000;
const LONGEST_WAIT_MS = 120_000;

/** What came of an event that was sent to one webhook on request. */
export interface TestDeliveryResult {
  readonly deliveryNumber: number;
  /** Undefined: not decided yet; the delivery goes on by itself. */
  readonly decision: Decision | undefined;
}

/** Sends an event of the caller's making to one webhook and waits for the outcome. */
export interface TestDeliveries {
  /**
   * One request, never repeated.
   * @throws {InvalidError} If the webhook is paused or disabled.
   */
  test(webhook: Webhook): Promise<TestDeliveryResult>;
  /** A delivery with the webhook's whole schedule. */
  send(webhook: Webhook, name: string, payload: unknown): Promise<TestDeliveryResult>;
}

export function createTestDeliveries(
  { publish, decisions, hurry, retryScale }: {
    readonly publish: Publish;
    /** Somebody waits for this delivery. */
    readonly hurry: (webhookId: WebhookId, deliveryNumber: number) => Promise<void>;
    readonly decisions: Pick<Decisions, "wait">;
    readonly retryScale: number;
  },
): TestDeliveries {
  async function trial(webhook: Webhook, draft: EventDraft, waitMs: number): Promise<TestDeliveryResult> {
    if (webhook.status !== "active") {
      const message = `Cannot test "${webhook.id}": it is ${webhook.status}`;
      throw new InvalidError("id", message, { kind: "test_inactive" });
    }
    const published = await publish(draft);
    const delivery = published.duplicate ? undefined : published.deliveries[0];
    if (delivery === undefined) {
      const { id, format } = webhook;
      const message = `Cannot test "${id}": format ${format} has no such event`;
      throw new InvalidError("id", message, { kind: "test_event", format });
    }
    const decided = decisions.wait(delivery.number, Math.min(waitMs + MARGIN_MS, LONGEST_WAIT_MS));
    await hurry(webhook.id, delivery.number);
    const decision = await decided;
    return { deliveryNumber: delivery.number, decision };
  }

  const timeoutOf = (webhook: Webhook) => webhook.timeoutMs ?? formatOf(webhook.format).timeoutMs;

  return {
    test(webhook) {
      return trial(webhook, {
        type: "webhook.test",
        tenantId: webhook.tenantId,
        device: null,
        data: { message: "This is a test event from Kabar" },
        only: [webhook.id],
      }, timeoutOf(webhook));
    },
    send(webhook, name, payload) {
      const { waitsMs } = scheduleOf(webhook);
      const waits = waitsMs.reduce((sum, wait) => sum + wait * retryScale, 0);
      return trial(webhook, {
        type: "custom",
        tenantId: webhook.tenantId,
        device: null,
        data: { name, payload },
        only: [webhook.id],
      }, waits + (waitsMs.length + 1) * timeoutOf(webhook));
    },
  };
}
