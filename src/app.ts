import type { Settings } from "./config.ts";
import { lockData } from "./data_lock.ts";
import { createBlasting } from "./blasting.ts";
import { createEngine } from "./engine.ts";
import { createSessionStatusRoutes } from "./http/api/session_status.ts";
import { createMetricsRoutes } from "./http/metrics.ts";
import { createHttp } from "./http/server.ts";
import { createLines, type Lines } from "./lines.ts";
import { messageOf, NotFoundError } from "./errors.ts";
import { logOf } from "./log.ts";
import type { DeviceId, TenantId } from "./ids.ts";
import { createGatewayMetrics } from "./metrics/gateway_metrics.ts";
import { keyedRoutes, type Parts, STREAMED_BODIES } from "./routes.ts";
import { openDenoKvQueue } from "./queue/deno_kv.ts";
import { createRetention } from "./retention.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import { createExporter } from "./telemetry/exporter.ts";
import { attemptSpan, eventSpan } from "./telemetry/spans.ts";
import { ensureDefaultTenant } from "./tenants/default_tenant.ts";
import { createTenancy } from "./tenants/tenancy.ts";
import { createGuard } from "./webhooks/guard.ts";
import { createSubscriptions } from "./webhooks/subscriptions.ts";

/** What is in flight when the gateway is asked to stop has this long to end. */
const GRACE_MS = 10_000;
/** After that, answers get this long to reach those who asked. */
const LAST_ANSWERS_MS = 500;

const log = logOf("gateway");

export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** What it answers to. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Stops taking requests, finishes what is in flight within 10 s, and closes everything. */
  stop(): Promise<void>;
}

/** Starts the gateway. `print` gets what the operator has to see, such as a key that was just made. */
export async function startGateway(
  settings: Settings,
  { print, onQr = () => {} }: {
    readonly print: (line: string) => void;
    /** A device shows this QR code; called again whenever it is replaced. */
    readonly onQr?: (deviceId: DeviceId, code: string) => void;
  },
): Promise<Gateway> {
  const now = Date.now;
  const startedAt = now();
  const stopping = new AbortController();
  let ready = false;

  const lock = await lockData(settings.DATA_DIR);
  if (lock.endedBadly) log.warn("gateway.ended_badly", { dataDir: settings.DATA_DIR });
  const store = openSqliteStore({
    path: `${settings.DATA_DIR}/logs.db`,
    check: lock.endedBadly,
    encryptionKey: settings.ENCRYPTION_KEY,
    now,
  });
  const queue = await openDenoKvQueue(`${settings.DATA_DIR}/kv.db`);
  const madeKey = await ensureDefaultTenant({
    tenants: store.tenants,
    settings: store.settings,
    apiKey: settings.API_KEY,
    apiAuth: settings.API_AUTH,
    now,
  });
  if (madeKey !== null) print(`API key (shown only this once): ${madeKey}`);

  const guard = createGuard({ allowPrivate: settings.WEBHOOK_ALLOW_PRIVATE });
  const tenancy = await createTenancy({
    tenants: store.tenants,
    defaultKeyIsSetting: settings.API_KEY !== undefined,
    beforeRemove: (tenantId) => removeDevices(tenantId, lines),
    now,
  });
  const metrics = createGatewayMetrics({
    ...store,
    webhooks: () => [...engine.registry.all()].length,
    load: () => engine.dispatcher.load(),
    now,
  });
  const traces = settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : createExporter({
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: settings.OTEL_SERVICE_NAME,
  });
  const engine = await createEngine({
    store,
    queue,
    guard,
    concurrency: settings.WEBHOOK_CONCURRENCY,
    retryScale: settings.WEBHOOK_RETRY_SCALE,
    isSuspended: tenancy.isSuspended,
    disable: (webhookId, reason) => subscriptions.disable(webhookId, reason),
    onEvent(event) {
      metrics.event(event);
      traces?.add(eventSpan(event, now()));
      blasting.saw(event);
      if (event.type === "device.connected") blasting.wake();
      if (event.type === "device.qr" && event.device !== null) onQr(event.device.id, event.data.code);
    },
    onAttempt(report) {
      metrics.attempt(report);
      traces?.add(attemptSpan(report));
    },
    now,
  });
  const subscriptions = createSubscriptions({
    webhooks: store.webhooks,
    registry: engine.registry,
    devices: store.devices,
    checkUrl: guard.checkUrl,
    now,
  });
  tenancy.onChange(({ what, id }) => {
    if (what === "removed") engine.registry.removeTenant(id);
    else engine.tenantChanged(id);
  });
  await subscriptions.ensureEnvironmentWebhook({
    url: settings.WEBHOOK_URL,
    format: settings.WEBHOOK_FORMAT,
    secret: settings.WEBHOOK_SECRET ?? settings.WHATSAPP_WEBHOOK_SECRET,
  });
  const lines = createLines({
    store,
    settings,
    guard,
    publish: engine.publish,
    stopping: stopping.signal,
    now,
  });
  const blasting = createBlasting({
    store,
    settings,
    publish: engine.publish,
    outbox: lines.outbox,
    isConnected: (deviceId) => lines.supervisor.get(deviceId) !== undefined,
    now,
  });
  const retention = createRetention({
    prunes: {
      events: (before, limit) => store.events.prune(before, limit),
      inbox: (before, limit) => store.inbox.prune(before, limit),
      system_log: (before, limit) => store.systemLog.prune(before, limit),
      messages: (before, limit) => store.messageHistory.pruneAll(before, limit),
      blasts: (before, limit) => store.blasts.prune(before, limit),
    },
    days: settings.EVENT_RETENTION_DAYS,
    now,
  });

  const parts: Parts = {
    settings,
    store,
    guard,
    engine,
    subscriptions,
    tenancy,
    lines,
    blasting,
    stopping: stopping.signal,
    now,
  };
  const app = createHttp({
    auth: { tenants: store.tenants, apiAuth: settings.API_AUTH, masterKey: settings.MASTER_KEY },
    health: {
      readiness: async () => {
        const db = await store.healthy();
        return { ready: ready && db, checks: { db } };
      },
      startedAt,
      now,
    },
    rateLimitPerMinute: settings.RATE_LIMIT_PER_MINUTE,
    appUrl: settings.APP_URL,
    open: [
      createMetricsRoutes(metrics),
      createSessionStatusRoutes({ ...store, ...blasting }),
      ...blasting.open,
    ]
      .map((routes) => ({ at: "/", routes })),
    keyed: keyedRoutes(parts),
    streamedBodies: [...STREAMED_BODIES, ...blasting.streamedBodies],
    stopping: stopping.signal,
    now,
  });
  const answering = new Set<Promise<Response>>();
  const server = listen(settings, async (request, { remoteAddr }) => {
    const answered = metrics.request();
    const answer = Promise.resolve(app.fetch(request, { remoteAddr }));
    answering.add(answer);
    const response = await answer.finally(() => answering.delete(answer));
    answered(response.status);
    return response;
  });

  await engine.start();
  await lines.start();
  await blasting.start();
  retention.start();
  ready = true;
  log.info("gateway.started", { port: server.addr.port });

  return {
    url: `http://${settings.HOST === "0.0.0.0" ? "127.0.0.1" : settings.HOST}:${server.addr.port}`,
    routes: app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({ method, path })),
    async stop() {
      const deadline = performance.now() + GRACE_MS;
      const left = () => Math.max(0, deadline - performance.now());
      ready = false;
      stopping.abort();
      retention.stop();
      await within(left(), Promise.allSettled(answering));
      await blasting.stop(left());
      await lines.stop(left());
      await engine.stop(left());
      await within(LAST_ANSWERS_MS, Promise.all([server.shutdown(), traces?.stop()]));
      await queue.close();
      await store.close();
      await lock.release();
      log.info("gateway.stopped");
    },
  };
}

function listen({ HOST, PORT }: Settings, handler: Deno.ServeHandler<Deno.NetAddr>) {
  try {
    return Deno.serve({ hostname: HOST, port: PORT, onListen: () => {} }, handler);
  } catch (error) {
    throw new Error(`Cannot listen on ${HOST}:${PORT}: ${messageOf(error)}`);
  }
}

/** A removed tenant's numbers are unlinked first. */
async function removeDevices(tenantId: TenantId, { devices }: Lines): Promise<void> {
  for (;;) {
    const page = await devices.list(tenantId, { limit: 100, offset: 0 });
    if (page.devices.length === 0) return;
    await Promise.all(page.devices.map(({ id }) =>
      devices.remove(tenantId, id).catch((error: unknown) => {
        if (!(error instanceof NotFoundError)) throw error; // somebody else was faster
      })
    ));
  }
}

/** Waits for the work, but not longer than this. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work, tooLong]);
  clearTimeout(timer);
}
