import type { Clock } from "../async/clock.ts";
import { join } from "node:path";
import { createWebhookEventRoutes } from "../http/account/webhook.ts";
import { createWebhookLogRoutes } from "../http/instances/webhook_logs.ts";
import { FILE_FORMS } from "../dashboard/http/file_forms.ts";
import { createInstanceFileRoutes, STREAMED_INSTANCE_FILES } from "../http/instances/files.ts";
import { createInstanceDeedRoutes } from "../http/instances/actions.ts";
import { createInstanceMessageRoutes } from "../http/instances/messages.ts";
import { createInstanceRoutes } from "../http/instances/instances.ts";
import { createWhatsAppRoutes } from "../http/account/whatsapp.ts";
import { createWhatsAppMediaRoutes, STREAMED_SEND_MEDIA } from "../http/account/media.ts";
import { createAdminDeviceRoutes } from "../http/admin/devices.ts";
import { createFleetRoutes } from "../http/admin/fleet.ts";
import { createTenantRoutes } from "../http/admin/tenants.ts";
import { createReplayRoutes } from "../http/v1/replays.ts";
import { createDeliveryRoutes } from "../http/v1/deliveries.ts";
import { createCallRoutes } from "../http/v1/calls.ts";
import { createChatRoutes } from "../http/v1/chats.ts";
import { createContactRoutes } from "../http/v1/contacts.ts";
import { createDeviceRoutes } from "../http/v1/devices.ts";
import { createEventRoutes } from "../http/v1/events.ts";
import { createFailedRoutes } from "../http/v1/failed.ts";
import { createGroupRoutes } from "../http/v1/groups.ts";
import { createMediaRoutes } from "../http/v1/media.ts";
import { createMediaMessageRoutes, STREAMED_MEDIA } from "../http/v1/media_messages.ts";
import { createMessageActionRoutes } from "../http/v1/message_actions.ts";
import { createOptOutRoutes } from "../http/v1/opt_outs.ts";
import type { OptOutWords } from "../opt_outs/settings.ts";
import { createScheduledRoutes } from "../http/v1/scheduled_messages.ts";
import { createMessageRoutes } from "../http/v1/messages.ts";
import { createKeyRoutes } from "../http/v1/keys.ts";
import { createMcpRoutes } from "../http/mcp/routes.ts";
import { createHistoryRoutes } from "../http/v1/history.ts";
import { createInsightRoutes } from "../http/v1/insight.ts";
import type { Insight } from "./insight.ts";
import { createStatsRoutes } from "../http/v1/stats.ts";
import { createPairingRoutes } from "../http/v1/pairing.ts";
import { STREAMED_CLOUD_MEDIA } from "../http/cloud/media.ts";
import { type Cloud, createCloud } from "../http/cloud/routes.ts";
import { createRawRoutes } from "../http/v1/raw_message.ts";
import { createWebhookTestRoutes } from "../http/v1/webhook_test_event.ts";
import { createWebhookStateRoutes } from "../http/v1/webhook_state.ts";
import { createWebhookPreflightRoutes } from "../http/v1/webhook_preflight.ts";
import { createWebhookRoutes } from "../http/v1/webhooks.ts";
import type { BlastingRoutes } from "./blast_routes.ts";
import type { Blasting } from "./blasts.ts";
import { filesIn, type Settings } from "../config.ts";
import type { FleetView } from "../fleet/view.ts";
import type { Engine } from "./engine.ts";
import type { RouteGroup } from "../http/server.ts";
import type { Lines } from "./lines.ts";
import type { Store } from "../store/store.ts";
import { storeFile } from "../media/file_pieces.ts";
import { createStoredUploads } from "../media/stored_uploads.ts";
import type { Platform } from "./platform.ts";
import { createUploads } from "../media/uploads.ts";
import type { Keyring } from "../tenants/keyring.ts";
import type { DeviceIdOf } from "../http/key_access.ts";
import type { Tenancy } from "../tenants/tenancy.ts";
import type { Guard } from "../net/guard.ts";
import type { Subscriptions } from "../webhooks/subscriptions.ts";
import { createHandshake } from "../webhooks/handshake.ts";
import { createTryUrl } from "../webhooks/url_test_request.ts";

/** The parts of the gateway that routes are made of. */
export interface Parts {
  readonly settings: Settings;
  readonly platform: Pick<Platform, "keepsFiles">;
  readonly store: Store;
  readonly guard: Guard;
  readonly engine: Engine;
  readonly subscriptions: Subscriptions;
  readonly tenancy: Tenancy;
  readonly keyring: Keyring;
  readonly lines: Lines;
  readonly blasting: Blasting;
  readonly insight: Insight;
  /** Who works on the store. */
  readonly fleetView: () => Promise<FleetView>;
  readonly optOutWords: OptOutWords;
  readonly stopping: AbortSignal;
  readonly clock: Clock;
  readonly now: () => number;
}

/** Paths of those routes that stream their bodies, and bound them by the size of the file that they carry. */
export const STREAMED_BODIES: readonly RegExp[] = [
  STREAMED_MEDIA,
  STREAMED_SEND_MEDIA,
  STREAMED_INSTANCE_FILES,
  STREAMED_CLOUD_MEDIA,
  FILE_FORMS,
];

/** Groups of routes that need a key, each with the place where it hangs. */
export function keyedRoutes(
  parts: Parts,
  blastingRoutes: BlastingRoutes["api"],
): readonly RouteGroup[] {
  const {
    settings,
    store,
    engine,
    subscriptions,
    tenancy,
    keyring,
    lines,
    insight,
    guard,
    fleetView,
    optOutWords,
  } = parts;
  const { stopping, clock, now } = parts;
  const { registry, redelivery, payloads, testDeliveries, decisions } = engine;
  const { devices, deliveries, events } = store;
  const environmentWebhook = (tenantId: string) =>
    registry.list(tenantId).find(({ source }) => source === "environment");
  const fence = {
    messages: store.messages,
    inbox: lines.inbox,
    addresses: lines.addresses,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
  };
  const tryUrl = createTryUrl({ attempt: engine.attempt, now });
  const v1 = [
    createKeyRoutes({ keyring, deviceIdOf: deviceIdIn(devices), countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createFailedRoutes({ deliveries, redelivery, payloads }),
    createWebhookTestRoutes({ webhookOf: registry.get, testDeliveries }),
    createWebhookRoutes({ subscriptions }),
    createWebhookPreflightRoutes(engine),
    createWebhookStateRoutes({ ...engine, webhooksOf: registry.list }),
    createReplayRoutes({ devices, replays: engine.replays }),
    createDeliveryRoutes({ deliveries, devices, redelivery, payloads }),
    createDeviceRoutes({ devices: lines.devices, now }),
    createPairingRoutes({ devices: lines.devices }),
    createScheduledRoutes({ ...lines, messages: store.messages }), // before /messages/{id}
    createMessageRoutes({
      devices: lines.devices,
      sendMessage: lines.sendMessage,
      ...fence,
      receipts: store.receipts,
    }),
    createMediaMessageRoutes({ ...lines, ...fence }),
    createOptOutRoutes({
      optOuts: store.optOuts,
      words: optOutWords,
      countryCode: settings.DEFAULT_COUNTRY_CODE,
      now,
    }),
    createMediaRoutes({ ...lines, ...fence }),
    createRawRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createMessageActionRoutes({ ...lines, ...fence }),
    createContactRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createCallRoutes(lines),
    createGroupRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    createChatRoutes({ ...lines, countryCode: settings.DEFAULT_COUNTRY_CODE, now }),
    createHistoryRoutes({
      ...lines,
      historyRequests: store.historyRequests,
      countryCode: settings.DEFAULT_COUNTRY_CODE,
      now,
    }),
    createInsightRoutes(insight),
    createStatsRoutes({ hours: store.hours, devices, webhooksOf: registry.list, now }),
    createEventRoutes({
      events,
      devices,
      onPublished: engine.onPublished,
      isSuspended: tenancy.isSuspended,
      stopping,
      clock,
    }),
  ];
  const api = [
    createInstanceRoutes({ devices: lines.devices, lines: lines.shown, subscriptions }),
    createInstanceMessageRoutes(lines),
    createInstanceFileRoutes(lines),
    createInstanceDeedRoutes({
      ...lines,
      countryCode: settings.DEFAULT_COUNTRY_CODE,
    }),
    createWhatsAppRoutes({ ...lines, lines: lines.shown }),
    createWhatsAppMediaRoutes(lines),
    ...blastingRoutes,
    createWebhookEventRoutes({ environmentWebhook, testDeliveries, tryUrl, guard, now }),
    createWebhookLogRoutes({
      deliveries,
      devices,
      webhooksOf: registry.list,
      webhooks: store.webhooks,
      redelivery,
      decisions,
      payloads,
      now,
    }),
  ];
  const admin = [
    createAdminDeviceRoutes({ devices: lines.devices, tenancy }),
    createTenantRoutes({ tenancy }),
    createFleetRoutes({ fleet: fleetView }),
  ];
  const mcp = createMcpRoutes({
    ...lines,
    ...insight,
    messages: store.messages,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
  return [
    { at: "/", routes: mcp },
    ...v1.map((routes) => ({ at: "/v1", routes })),
    ...api.map((routes) => ({ at: "/api", routes })),
    ...admin.map((routes) => ({ at: "/admin", routes })),
  ];
}

/** Meta's Graph endpoints over the same parts. */
export function cloudOf({ settings, platform, store, subscriptions, lines, guard, now }: Parts): Cloud {
  return createCloud({
    ...store,
    ...lines,
    subscriptions,
    uploads: filesIn(settings) === "disk"
      ? createUploads({ folder: join(settings.DATA_DIR, "uploads"), now })
      : createStoredUploads({
        files: store.files,
        async take({ path }, id) {
          if (!platform.keepsFiles) return await store.files.move(path, id);
          await storeFile(store.files, id, { path, now: now() });
          await Deno.remove(path);
        },
        now,
      }),
    handshake: createHandshake({ guard }),
    appUrl: settings.APP_URL,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    now,
  });
}

/** Looks a device's id up by its id or alias. */
export function deviceIdIn(devices: Pick<Store["devices"], "find">): DeviceIdOf {
  return async (tenantId, idOrAlias) => (await devices.find(tenantId, idOrAlias))?.id;
}
