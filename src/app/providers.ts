import type { CounterOf } from "../async/hit_counter.ts";
import type { Settings } from "../config.ts";
import { createClientAddress } from "../http/client_address.ts";
import { createReceiver, receiverPaths } from "../http/receivers/receiver.ts";
import { createTestWebhookRoutes } from "../http/receivers/test_webhook.ts";
import type { ThisMachine } from "../http/this_machine.ts";
import { DEFAULT_TENANT } from "../ids.ts";
import { createTakeIn, type IntakeDeps } from "../providers/intake.ts";
import type { Provider } from "../providers/provider.ts";
import { createQiscusProvider, type QiscusProviderDeps } from "../providers/qiscus/provider.ts";
import { createReplayKept, type ReplayKept } from "../providers/replay.ts";
import type { ExternalDevices } from "../providers/universal/line.ts";
import { createUniversalProvider } from "../providers/universal/provider.ts";
import type { Store } from "../store/store.ts";

/** The ways in for other systems. */
export interface Providers {
  /** Groups that see to their own protection; they hang at `/`. */
  readonly open: readonly ReturnType<typeof createReceiver>[];
  /** Paths whose handlers bound their bodies themselves. */
  readonly streamedBodies: readonly RegExp[];
  readonly replay: ReplayKept;
}

export interface ProvidersDeps {
  readonly store: Store;
  readonly settings: Settings;
  readonly qiscus: Pick<QiscusProviderDeps, "statuses" | "publish" | "device" | "configured">;
  readonly externalDevices: ExternalDevices;
  readonly thisMachine: ThisMachine;
  readonly counted: IntakeDeps["counted"];
  /** Where requests are counted for limits; left out: here alone. */
  readonly counterOf?: CounterOf;
  readonly now: () => number;
}

/** Lists the systems whose webhooks are taken in: one more is a folder under `providers/` and a line here. */
export function createProviders(deps: ProvidersDeps): Providers {
  const { store, settings, now } = deps;
  const { systemLog } = store;
  const providers: readonly Provider[] = [
    createQiscusProvider({
      ...deps.qiscus,
      authorOf: async (messageId) => {
        const known = await store.events.byDedupeKey(DEFAULT_TENANT, `qiscus:message:${messageId}`);
        return known?.type === "message.received" ? known.data.from : undefined;
      },
      secret: settings.QISCUS_WEBHOOK_SECRET,
      allowedIps: settings.QISCUS_ALLOWED_IPS,
      perMinute: settings.QISCUS_RATE_LIMIT,
      now,
    }),
    createUniversalProvider({
      externalDevices: deps.externalDevices,
      secret: settings.WHATSAPP_WEBHOOK_SECRET,
      perMinute: settings.WHATSAPP_WEBHOOK_RATE_LIMIT === 0
        ? undefined
        : settings.WHATSAPP_WEBHOOK_RATE_LIMIT,
      maxFileBytes: settings.MAX_ATTACHMENT_SIZE,
      now,
    }),
  ];
  const clientAddressOf = createClientAddress(settings.TRUST_PROXY);
  const takeIn = createTakeIn({ systemLog, counted: deps.counted, now });
  const receiving = {
    takeIn,
    thisMachine: deps.thisMachine,
    open: settings.RECEIVERS_OPEN,
    clientAddressOf,
    counterOf: deps.counterOf,
    now,
  };
  const paths = providers.flatMap((provider) => provider.paths);
  return {
    open: [
      ...providers.map((provider) => createReceiver(provider, receiving)),
      createTestWebhookRoutes({ ...receiving, systemLog, paths }),
    ],
    streamedBodies: [...providers.flatMap(receiverPaths), /^\/webhooks\/test\/?$/],
    replay: createReplayKept({ providers, systemLog, now }),
  };
}
