import { EXAMPLES } from "../../src/events/examples/mod.ts";
import { subscribedNames } from "../../src/events/topics.ts";
import { cloud } from "../../src/formats/cloud.ts";
import { requestFor, type WebhookRequest } from "../../src/formats/request.ts";
import { aWebhook } from "./events.ts";

/** What a webhook of the format `cloud` that asks for `*` gets of every example, signed. */
export function cloudRequests(
  secret: string,
): readonly { readonly title: string; readonly request: WebhookRequest }[] {
  const webhook = aWebhook({ format: "cloud", secrets: [{ value: secret, expiresAt: null }] });
  return EXAMPLES.filter(({ event }) => event.type !== "custom" && event.type !== "webhook.test").flatMap(
    ({ kind, event }) =>
      subscribedNames(["*"], cloud.says(event), cloud.onRequest).map((name) => ({
        title: `${event.type} ${kind}`,
        request: requestFor({ event, name, webhook, deliveryId: "dlv_1", attempt: 1, at: event.at }),
      })),
  );
}
