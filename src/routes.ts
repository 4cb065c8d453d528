import { createWebhookEventRoutes } from "./http/api/webhook.ts";
import { createWebhookLogRoutes } from "./http/api/webhook_logs.ts";
import { createInstanceFileRoutes, STREAMED_INSTANCE_FILES } from "./http/api/instance_files.ts";
import { createInstanceDeedRoutes } from "./http/api/instance_deeds.ts";
import { createInstanceMessageRoutes } from "./http/api/instance_messages.ts";
import { createInstanceRoutes } from "./http/api/instances.ts";
import { createWhatsAppRoutes } from "./http/api/whatsapp.ts";
import { createWhatsAppMediaRoutes, STREAMED_SEND_MEDIA } from "./http/api/whatsapp_media.ts";
import { createAdminDeviceRoutes } from "./http/admin/devices.ts";
import { createTenantRoutes } from "./http/admin/tenants.ts";
import { createDeliveryRoutes } from "./http/v1/deliveries.ts";
import { createChatRoutes } from "./http/v1/chats.ts";
import { createContactRoutes } from "./http/v1/contacts.ts";
import { createDeviceRoutes } from "./http/v1/devices.ts";
import { createEventRoutes } from "./http/v1/events.ts";
import { createFailedRoutes } from "./http/v1/failed.ts";
import { createGroupRoutes } from "./http/v1/groups.ts";
import { createMediaRoutes } from "./http/v1/media.ts";
import { createMediaMessageRoutes, STREAMED_MEDIA } from "./http/v1/media_messages.ts";
import { createDeedRoutes } from "./http/v1/message_deeds.ts";
import { createMessageRoutes } from "./http/v1/messages.ts";
import { createPairingRoutes } from "./http/v1/pairing.ts";
import { createWebhookTestRoutes } from "./http/v1/webhook_test_event.ts";
import { createWebhookRoutes } from "./http/v1/webhooks.ts";
import type { Blasting } from "./blasting.ts";
import type { Settings } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { RouteGroup } from "./http/server.ts";
import type { Lines } from "./lines.ts";
import type { Store } from "./store/store.ts";
import type { Tenancy } from "./tenants/tenancy.ts";
import type { Guard } from "./webhooks/guard.ts";
import type { Subscriptions } from "./webhooks/subscriptions.ts";
import { createTryUrl } from "./webhooks/url_test_request.ts";

/** The parts of the gateway that routes are made of. */
export interface Parts {
  readonly settings: Settings;
  readonly store: Store;
  readonly guard: Guard;
  readonly engine: Engine;
  readonly subscriptions: Subscriptions;
  readonly tenancy: Tenancy;
  readonly lines: Lines;
  readonly blasting: Blasting;
  readonly stopping: AbortSignal;
  readonly now: () => number;
}

/** Paths of those routes that stream their bodies, and bound them by the size of the file that they carry. */
export const STREAMED_BODIES: readonly RegExp[] = [
  STREAMED_MEDIA,
  STREAMED_SEND_MEDIA,
  STREAMED_INSTANCE_FILES,
];

/** Groups of routes that need a key, each with the place where it hangs. */
export function keyedRoutes(
  { settings, store, engine, subscriptions, tenancy, lines, blasting, guard, stopping, now }: Parts,
): readonly RouteGroup[] {
  const { registry, redelivery, payloads, trials, decisions } = engine;
  const { devices, deliveries, events } = store;
  const environmentWebhook = (tenantId: string) =>
    registry.list(tenantId).find(({ source }) => source === "environment");
  const tryUrl = createTryUrl({ attempt: engine.attempt, now });
  const v1 = [
    createFailedRoutes({ deliveries, redelivery, payloads }),
    createWebhookTestRoutes({ webhookOf: registry.get, trials }),
    createWebhookRoutes({ subscriptions }),
    createDeliveryRoutes({ deliveries, devices, redelivery, payloads }),
    createDeviceRoutes({ devices: lines.devices, now }),
    createPairingRoutes({ devices: lines.devices }),
    createMessageRoutes({
      devices: lines.devices,
      sendMessage: lines.sendMessage,
      messages: store.messages,
      receipts: store.receipts,
    }),
    createMediaMessageRoutes(lines),
    createMediaRoutes(lines),
    createDeedRoutes(lines),
    createContactRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createGroupRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createChatRoutes({ ...lines, inbox: store.inbox, countryCode: settings.DEFAULT_COUNTRY_CODE, now }),
    createEventRoutes({
      events,
      devices,
      onPublished: engine.onPublished,
      isSuspended: tenancy.isSuspended,
      stopping,
    }),
  ];
  const api = [
    createInstanceRoutes({ devices: lines.devices, lines: lines.supervisor, subscriptions }),
    createInstanceMessageRoutes(lines),
    createInstanceFileRoutes(lines),
    createInstanceDeedRoutes({
      ...lines,
      inbox: store.inbox,
      countryCode: settings.DEFAULT_COUNTRY_CODE,
    }),
    createWhatsAppRoutes({ ...lines, lines: lines.supervisor }),
    createWhatsAppMediaRoutes(lines),
    ...blasting.api,
    createWebhookEventRoutes({ environmentWebhook, trials, tryUrl, guard, now }),
    createWebhookLogRoutes({
      deliveries,
      devices,
      webhooksOf: registry.list,
      redelivery,
      decisions,
      payloads,
      now,
    }),
  ];
  const admin = [
    createAdminDeviceRoutes({ devices: lines.devices, tenancy }),
    createTenantRoutes({ tenancy }),
  ];
  return [
    ...v1.map((routes) => ({ at: "/v1", routes })),
    ...api.map((routes) => ({ at: "/api", routes })),
    ...admin.map((routes) => ({ at: "/admin", routes })),
  ];
}
