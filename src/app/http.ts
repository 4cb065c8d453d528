import type { Context } from "@hono/hono";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { CounterOf } from "../async/hit_counter.ts";
import { keyOwnerOf } from "../http/auth.ts";
import { createClientAddress } from "../http/client_address.ts";
import type { HttpEnv } from "../http/context.ts";
import type { HealthDeps } from "../http/health_answers.ts";
import { createOriginGuard } from "../http/mcp/origin.ts";
import { createMetricsRoutes } from "../http/metrics.ts";
import { createRateLimit } from "../http/rate_limit.ts";
import { createSessionStatusRoutes } from "../http/receivers/session_status.ts";
import { createHttp } from "../http/server.ts";
import type { ThisMachine } from "../http/this_machine.ts";
import { createWrongKeys } from "../http/wrong_keys.ts";
import { DEFAULT_TENANT } from "../ids.ts";
import { MINUTE_MS } from "../spans.ts";
import { createBlastingRoutes } from "./blast_routes.ts";
import { createDashboardOf, type TenantNews } from "./dashboard.ts";
import { cloudOf, deviceIdIn, keyedRoutes, type Parts, STREAMED_BODIES } from "./routes.ts";

/** What the routes need besides the parts that they are made of. */
export interface HttpRest {
  readonly health: HealthDeps;
  readonly thisMachine: ThisMachine;
  readonly metricsText: () => Promise<string>;
  /** Pages that are looked at hear of it when something of a tenant changes. */
  readonly changes: TenantNews;
  /** Where requests are counted for limits; left out: here alone. */
  readonly counterOf?: CounterOf;
  /** What the gateway's own webhook requests carry. */
  readonly mark: string;
  /** Only tells how it does. */
  readonly onlyHealth: boolean;
}

/** Everything that a gateway answers to. */
export function createHttpOf(parts: Parts, rest: HttpRest): OpenAPIHono<HttpEnv> {
  const { settings, store, tenancy, keyring, blasting, stopping, now } = parts;
  const { health, thisMachine, counterOf, mark } = rest;
  const blastingRoutes = createBlastingRoutes(blasting.forRoutes, { store, settings, now });
  const cloud = cloudOf(parts);
  const rateLimit = createRateLimit({
    perMinute: settings.RATE_LIMIT_PER_MINUTE,
    hits: counterOf?.("requests", MINUTE_MS),
    now,
  });
  const clientAddressOf = createClientAddress(settings.TRUST_PROXY);
  const countWrongKey = createWrongKeys({
    clientAddressOf,
    misses: counterOf?.("wrong_keys", MINUTE_MS),
    now,
  });
  const dashboard = createDashboardOf(parts, {
    spend: rateLimit.spend,
    counterOf,
    changes: rest.changes,
    isReady: async () => (await health.readiness()).ready,
    startedAt: health.startedAt,
  });
  const hasKey = async (c: Context<HttpEnv>) =>
    (await keyOwnerOf(c, { ...store, countWrongKey }))?.id === DEFAULT_TENANT;
  const isOperators = async (c: Context<HttpEnv>) =>
    await thisMachine.isFromThisMachine(c) || await hasKey(c);
  return createHttp({
    pages: dashboard,
    auth: {
      tenants: store.tenants,
      rightsOf: tenancy.rightsOf,
      named: { keyring, deviceIdOf: deviceIdIn(store.devices) },
      apiAuth: settings.API_AUTH,
      isFromThisMachine: (c) => thisMachine.isFromThisMachine(c, { ownPages: true }),
      clientAddressOf,
      countWrongKey,
      wrongMasterKeys: counterOf?.("master_keys", MINUTE_MS),
      masterKey: settings.MASTER_KEY,
      now,
    },
    mark,
    health,
    rateLimit,
    onlyHealth: rest.onlyHealth,
    appUrl: settings.APP_URL,
    open: [
      createMetricsRoutes({
        text: rest.metricsText,
        maySee: async (c) =>
          settings.METRICS === "open" || await hasKey(c) ||
          (settings.METRICS === "loopback" && await thisMachine.isFromThisMachine(c)),
      }),
      createSessionStatusRoutes({
        ...store,
        ...blasting,
        mayShowQr: isOperators,
        maySee: async (c) => settings.RECEIVERS_OPEN || await isOperators(c),
      }),
      ...blastingRoutes.open,
    ]
      .map((routes) => ({ at: "/", routes }))
      .concat(cloud.open),
    keyed: [...keyedRoutes(parts, blastingRoutes.api), ...cloud.keyed],
    streamedBodies: [...STREAMED_BODIES, ...blastingRoutes.streamedBodies],
    mcpGuard: createOriginGuard(settings.APP_URL),
    stopping,
    now,
  });
}
