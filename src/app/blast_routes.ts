import { createCleanUp } from "../blasts/clean_up.ts";
import type { Settings } from "../config.ts";
import { BLAST_PATH, type BlastRouteDeps, createBlastRoutes } from "../http/blasts/blasts.ts";
import { createLogRoutes } from "../http/blasts/logs.ts";
import { createQiscusRoutes } from "../http/blasts/qiscus.ts";
import { createSystemLogRoutes } from "../http/blasts/system_logs.ts";
import { createTemplateRoutes } from "../http/blasts/templates.ts";
import type { QiscusClient } from "../providers/qiscus/client.ts";
import type { Store } from "../store/store.ts";
import { createProviders, type Providers, type ProvidersDeps } from "./providers.ts";

/** What blasting has for its routes. */
export interface BlastRouteParts {
  readonly blasts: BlastRouteDeps;
  readonly client: QiscusClient | undefined;
  readonly providers: Omit<ProvidersDeps, "store" | "settings" | "now">;
}

export interface BlastingRoutes {
  /** Groups that see to their own protection; they hang at `/`. */
  readonly open: Providers["open"];
  /** Groups that need a tenant's key; they hang under `/api`. */
  readonly api: readonly ReturnType<typeof createBlastRoutes>[];
  /** Paths whose handlers bound their bodies themselves. */
  readonly streamedBodies: readonly RegExp[];
}

/** The routes that take webhooks of other systems in, and those of blasts and of what they leave in the logs. */
export function createBlastingRoutes(
  { blasts, client, providers: given }: BlastRouteParts,
  { store, settings, now }: {
    readonly store: Store;
    readonly settings: Settings;
    readonly now: () => number;
  },
): BlastingRoutes {
  const providers = createProviders({ store, settings, ...given, now });
  return {
    open: providers.open,
    api: [
      createBlastRoutes(blasts),
      createTemplateRoutes({ templates: store.templates, now }),
      createLogRoutes({
        messages: store.messages,
        messageHistory: store.messageHistory,
        cleanUp: createCleanUp({ messageHistory: store.messageHistory, systemLog: store.systemLog, now }),
        now,
      }),
      createSystemLogRoutes({ systemLog: store.systemLog, replay: providers.replay }),
      createQiscusRoutes({ client }),
    ],
    streamedBodies: [BLAST_PATH, ...providers.streamedBodies],
  };
}
