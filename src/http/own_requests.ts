import type { MiddlewareHandler } from "@hono/hono";
import { logOf } from "../log.ts";
import { FROM_HEADER, MOST_GATEWAYS, passedGateways } from "../net/passed_gateways.ts";
import type { HttpEnv } from "./context.ts";
import { forbidden, HttpError } from "./errors.ts";

const log = logOf("http");

/**
 * Refuses webhook requests whose event has been here before, straight or by way of other gateways: they would go round
 * for ever, and the gateway would be its own deputy, for whoever made the webhook.
 * @param mark What its own requests carry in `X-Kabar-From`.
 */
export function refuseOwnRequests(mark: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const passed = passedGateways(c.req.header(FROM_HEADER));
    if (passed.includes(mark) || passed.length > MOST_GATEWAYS) {
      log.warn("http.own_request", {
        path: c.req.path,
        event: c.req.header("webhook-id"),
        gateways: passed.length,
      });
      throw new HttpError(508, "LOOP_DETECTED", loopIn(passed, mark));
    }
    await next();
  };
}

function loopIn(passed: readonly string[], mark: string): string {
  if (passed.at(-1) === mark) return "This webhook leads back to the gateway that sends it: change its URL";
  return passed.includes(mark)
    ? "This event has come from here, by way of another gateway: webhooks of the two lead to each other; change a URL"
    : `This event has come through more than ${MOST_GATEWAYS} gateways: their webhooks lead in a circle`;
}

/**
 * Refuses webhook requests of any gateway where no receiver is: whoever may make webhooks there could use the keys in
 * their headers here, on routes that need no body, again and again.
 */
export const refuseWebhooks: MiddlewareHandler<HttpEnv> = async (c, next) => {
  if (c.req.header(FROM_HEADER) !== undefined) {
    throw forbidden(
      "Webhooks of a gateway are taken by its receivers only: /api/whatsapp/webhook, /webhooks/qiscus",
    );
  }
  await next();
};
