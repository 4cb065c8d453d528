import type { Settings } from "../config.ts";
import { createAttention } from "../insight/attention.ts";
import { createFind } from "../insight/find.ts";
import { createFindChats } from "../insight/find_chats.ts";
import { createSeen } from "../insight/seen.ts";
import { createTracing } from "../insight/trace.ts";
import { createTroubled } from "../insight/troubled.ts";
import type { Store } from "../store/store.ts";
import type { Engine } from "./engine.ts";

/** Puts together what answers an operator's questions. */
export function createInsight({ store, engine, settings, now }: {
  readonly store: Store;
  readonly engine: Engine;
  readonly settings: Settings;
  readonly now: () => number;
}) {
  const webhooksOf = engine.registry.list;
  return {
    attention: createAttention({ ...store, webhooksOf, endpointState: engine.endpointState, now }),
    troubled: createTroubled({
      ...store,
      webhooks: engine.registry.all,
      hasFailed: engine.hasFailed,
      endpointState: engine.endpointState,
      now,
    }),
    find: createFind({ ...store, webhooksOf, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    findChats: createFindChats({ ...store, countryCode: settings.DEFAULT_COUNTRY_CODE }),
    seen: createSeen({ hours: store.hours, events: store.events, now }),
    tracing: createTracing(store),
  };
}

export type Insight = ReturnType<typeof createInsight>;
