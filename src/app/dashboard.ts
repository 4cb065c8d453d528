import type { CounterOf } from "../async/hit_counter.ts";
import { createLate } from "../async/late.ts";
import type { Listeners } from "../async/listeners.ts";
import type { Dashboard } from "../dashboard/mod.tsx";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { HttpEnv } from "../http/context.ts";
import { handOn } from "../http/lazy_routes.ts";
import { createBlastDrafts } from "../blasts/list_drafts.ts";
import { createPairingLinks } from "../devices/pairing_links.ts";
import { createClientAddress } from "../http/client_address.ts";
import type { TenantId } from "../ids.ts";
import type { Parts } from "./routes.ts";
import { createSessions } from "../tenants/sessions.ts";
import { createTestUnsaved } from "../webhooks/test_unsaved.ts";
import { MINUTE_MS } from "../spans.ts";
import { VERSION } from "../version.ts";

/** Tells pages that something of a tenant has changed. What it was, they look up. */
export type TenantNews = Listeners<TenantId, void>;

interface DashboardRest {
  readonly changes: TenantNews;
  /** Counts what somebody does on the pages as a request of the tenant. */
  readonly spend: (tenantId: TenantId) => void;
  /** Where wrong keys are counted; left out: here alone. */
  readonly counterOf?: CounterOf;
  readonly isReady: () => Promise<boolean>;
  readonly startedAt: number;
}

/** Puts the dashboard on the parts of the gateway. It is loaded when somebody first looks at it. */
export function createDashboardOf(parts: Parts, rest: DashboardRest): Dashboard {
  const { loaded: dashboard } = createLate(() => load(parts, rest));
  const routes = new OpenAPIHono<HttpEnv>({ strict: false });
  const pages = handOn(async () => (await dashboard()).routes);
  routes.get("/", pages);
  routes.all("/ui", pages);
  routes.all("/ui/*", pages);
  routes.get("/pair/:token", pages);
  routes.post("/pair/:token/:verb{start|code}", pages);
  return { routes, answerError: async (...failed) => (await dashboard()).answerError(...failed) };
}

async function load(parts: Parts, rest: DashboardRest): Promise<Dashboard> {
  const { createDashboard } = await import("../dashboard/mod.tsx");
  const { settings, store, engine, lines, insight, now } = parts;
  return createDashboard({
    sessions: createSessions({
      signIns: store.signIns,
      tenants: store.tenants,
      masterKey: settings.MASTER_KEY,
      apiAuth: settings.API_AUTH,
      misses: rest.counterOf?.("sign_in", MINUTE_MS),
      now,
    }),
    clientAddress: createClientAddress(settings.TRUST_PROXY),
    isReady: rest.isReady,
    spend: rest.spend,
    onNews: rest.changes.hear,
    stopping: parts.stopping,
    ...insight,
    messageRows: store.messages,
    messageRow: store.messages,
    scheduledMessages: store.messages,
    schedule: lines.schedule,
    paused: lines.paused,
    systemLog: store.systemLog,
    countryCode: settings.DEFAULT_COUNTRY_CODE,
    deviceRows: store.devices,
    eventRows: store.events,
    redelivery: engine.redelivery,
    replays: engine.replays,
    payloads: engine.payloads,
    devices: lines.devices,
    qrOf: lines.shown.qr,
    pairingLinks: createPairingLinks({ shortLived: store.shortLived, now }),
    webhooksOf: engine.registry.list,
    events: store.events,
    settings,
    tenancy: parts.tenancy,
    fleet: parts.fleetView,
    keyring: parts.keyring,
    deviceCounts: store.devices,
    inbox: lines.inbox,
    chatReads: lines.chatReads,
    inboxRows: store.inbox,
    readInbox: lines.readInbox,
    addresses: lines.addresses,
    sessionFor: lines.sessionFor,
    sendMessage: lines.sendMessage,
    files: lines.files,
    media: lines.media,
    messageActions: lines.messageActions,
    searching: lines.search,
    historyAsking: lines.historyAsking,
    blasts: store.blasts,
    templates: store.templates,
    optOuts: store.optOuts,
    optOutWords: parts.optOutWords,
    blastControl: parts.blasting.control,
    blastDrafts: createBlastDrafts({ shortLived: store.shortLived, now }),
    blastPace: parts.blasting.pace,
    submitBlast: parts.blasting.submit,
    messages: store.messages,
    subscriptions: parts.subscriptions,
    endpointState: engine.endpointState,
    probed: engine.probed,
    probeNow: engine.probeNow,
    preflight: engine.preflight,
    testDeliveries: engine.testDeliveries,
    testUnsaved: createTestUnsaved({ attempt: engine.attempt, checkUrl: parts.guard.checkUrl, now }),
    hours: store.hours,
    deliveries: store.deliveries,
    appUrl: settings.APP_URL,
    version: VERSION,
    startedAt: rest.startedAt,
    now,
  });
}
