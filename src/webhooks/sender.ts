import { messageOf } from "../errors.ts";
import { formatOf } from "../formats/mod.ts";
import { requestFor, type WebhookRequest } from "../formats/request.ts";
import { deliveryIdOf } from "./delivery_id.ts";
import type { Webhook } from "../store/webhooks.ts";
import type { AttemptFunction } from "./attempt.ts";
import type { Job } from "./lane.ts";
import type { Outcome } from "./outcome.ts";
import { sendableHeaders } from "./request_headers.ts";

/**
 * Makes the next attempt of a delivery: renders, signs and posts it. Never rejects: an event that the webhook's format
 * cannot put into words is a failed attempt like any other, so that it is listed and a later release can send it.
 */
export type Send = (job: Job, webhook: Webhook, signal: AbortSignal) => Promise<Outcome>;

export function createSend(
  { attempt, now }: { readonly attempt: AttemptFunction; readonly now: () => number },
): Send {
  return ({ delivery, event, shared }, webhook, signal) => {
    const at = now();
    let request: WebhookRequest;
    try {
      request = requestFor({
        event,
        name: delivery.name,
        webhook: { ...webhook, headers: sendableHeaders(webhook.headers) },
        deliveryId: deliveryIdOf(delivery.number),
        attempt: delivery.attempts + 1,
        at,
      }, shared);
    } catch (error) {
      return Promise.resolve(unrenderable(error, webhook, at));
    }
    const { url, headers, body } = request;
    return attempt({
      url,
      headers,
      body,
      timeoutMs: webhook.timeoutMs ?? formatOf(webhook.format).timeoutMs,
      tenantId: webhook.tenantId,
    }, signal);
  };
}

function unrenderable(error: unknown, webhook: Webhook, startedAt: number): Outcome {
  return {
    ok: false,
    reason: "unrenderable",
    statusCode: null,
    error: `Event cannot be written in format "${webhook.format}": ${messageOf(error)}`,
    response: null,
    retryAfterMs: null,
    gone: false,
    startedAt,
    durationMs: 0,
  };
}
