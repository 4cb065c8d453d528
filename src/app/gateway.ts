import type { Settings } from "../config.ts";
import { createOptingOut } from "./opt_outs.ts";
import { createBlasting } from "./blasts.ts";
import { createListeners } from "../async/listeners.ts";
import { createEngine } from "./engine.ts";
import { joinFleet, leftoversTask, rolesOf } from "./fleet.ts";
import { createFirstAnswers } from "../http/first_answers.ts";
import { createThisMachine } from "../http/this_machine.ts";
import { removeAll } from "../devices/remove_all.ts";
import { createInsight } from "./insight.ts";
import { createLateRoutes } from "./late_routes.ts";
import { createLines } from "./lines.ts";
import { hostnameFor, ownHosts, reachedAt } from "./own_address.ts";
import { isWithin } from "../http/client_address.ts";
import { useDeliveryIdKey } from "../webhooks/delivery_id.ts";
import { deliveryIdKey } from "../tenants/delivery_id_key.ts";
import { storeMark } from "../tenants/store_mark.ts";
import { connectionsFor, mostOpenFiles } from "../listener/descriptors.ts";
import { kindOf } from "../net/addresses.ts";
import { systemClock } from "../async/clock.ts";
import { within } from "../async/within.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { DeviceId, TenantId } from "../ids.ts";
import { createGatewayMetrics } from "../metrics/gateway_metrics.ts";
import type { Parts } from "./routes.ts";
import { createBelievedClock } from "../retention/believed_clock.ts";
import { readWire } from "./wire.ts";
import { createRetention } from "../retention/retention.ts";
import { MACHINE, type Platform } from "./platform.ts";
import { EVENTS, hearEvents } from "../fleet/event_news.ts";
import { createOwnTasks, taskOf } from "../fleet/tasks.ts";
import { longTransactionsTask } from "../fleet/long_transactions.ts";
import { viewOfOne } from "../fleet/alone.ts";
import { VERSION } from "../version.ts";
import { HOUR_MS } from "../spans.ts";
import { createHourCounter } from "../stats/hour_counter.ts";
import { createExporter } from "../telemetry/exporter.ts";
import { attemptSpan, eventSpan } from "../telemetry/spans.ts";
import { defaultKeyShown, ensureDefaultTenant } from "../tenants/default_tenant.ts";
import { createKeyring } from "../tenants/keyring.ts";
import { createTenancy } from "../tenants/tenancy.ts";
import { createGuard } from "../net/guard.ts";
import { createHandshake } from "../webhooks/handshake.ts";
import { createSubscriptions } from "../webhooks/subscriptions.ts";

/** After that, answers get this long to reach those who asked. */
const LAST_ANSWERS_MS = 500;

const log = logOf("gateway");

export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** What it answers to. */
  routes(): Promise<readonly { readonly method: string; readonly path: string }[]>;
  /** Resolves when it cannot go on by itself: with why, for the last line of the log. */
  readonly failed: Promise<Error>;
  /** Whether a delivery is on its way, or could be now. */
  hasDue(): Promise<boolean>;
  /** Stops taking requests, finishes what is in flight within 10 s, and closes everything. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** Gets what the operator has to see, such as a key that was just made. */
  readonly print: (line: string) => void;
  /** Where it runs; left out: on a machine. */
  readonly platform?: Platform;
  /** A device shows this QR code; called again whenever it is replaced. */
  readonly onQr?: (deviceId: DeviceId, code: string) => void;
}

/** Starts the gateway. One that cannot start leaves nothing behind: no connection, no lock, no place in a fleet. */
export async function startGateway(settings: Settings, options: GatewayOptions): Promise<Gateway> {
  const undo: Undo = [];
  try {
    return await start(settings, options, undo);
  } catch (error) {
    for (const end of undo.toReversed()) {
      try {
        await end();
      } catch (second) {
        log.warn("gateway.not_undone", { error: messageOf(second) });
      }
    }
    throw error;
  }
}

/** What ends each part that has begun, the first one first. */
type Undo = (() => unknown)[];

async function start(
  settings: Settings,
  { print, onQr = () => {}, platform = MACHINE }: GatewayOptions,
  undo: Undo,
): Promise<Gateway> {
  const clock = systemClock;
  const { now } = clock;
  const startedAt = now();
  const stopping = new AbortController();
  const changes = createListeners<TenantId>();
  const failed = Promise.withResolvers<Error>();
  let ready = false;
  const own: { port?: number } = {};

  const storage = await platform.openStorage(settings, { now, onBroken: failed.resolve });
  const { store, queue } = storage;
  undo.push(() => storage.close());
  const fleet = store.isShared
    ? await joinFleet({ store, settings, platform, onGone: () => void engine.sweep(), clock })
    : undefined;
  undo.push(() => fleet?.leave());
  const tasks = fleet?.tasks ?? createOwnTasks();
  const counterOf = fleet?.hits.counterOf;
  const roles = rolesOf(settings, platform);
  const madeKey = await store.alone(() =>
    ensureDefaultTenant({
      tenants: store.tenants,
      settings: store.settings,
      apiKey: settings.API_KEY,
      apiAuth: settings.API_AUTH,
      now,
    })
  );

  const [mark, idKey] = await store.alone(async () =>
    [await storeMark(store.settings), await deliveryIdKey(store.settings)] as const
  );
  useDeliveryIdKey(idKey);
  const guard = createGuard({
    allowPrivate: settings.WEBHOOK_ALLOW_PRIVATE,
    ownHosts: () => ownHosts(settings, own.port),
    ownPort: () => own.port,
  });
  const tenancy = await createTenancy({
    tenants: store.tenants,
    defaultKeyIsSetting: settings.API_KEY !== undefined,
    news: store.news,
    beforeRemove: (tenantId) => removeAll(tenantId, lines.devices),
    now,
    clock,
  });
  undo.push(() => tenancy.stop());
  const metrics = createGatewayMetrics({
    ...store,
    webhooks: () => [...engine.registry.all()].length,
    load: () => engine.dispatcher.load(),
    fleet: fleet?.counts,
    now,
  });
  const traces = settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : createExporter({
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: settings.OTEL_SERVICE_NAME,
    clock,
  });
  undo.push(() => traces?.stop());
  const counter = createHourCounter({ hours: store.hours, clock });
  const engine = await createEngine({
    mark,
    store,
    queue,
    guard,
    concurrency: settings.WEBHOOK_CONCURRENCY,
    wire: await readWire(settings),
    retryScale: settings.WEBHOOK_RETRY_SCALE,
    isSuspended: tenancy.isSuspended,
    disable: (webhookId, reason) => subscriptions.disable(webhookId, reason),
    counterOf,
    takesUp: roles.includes("deliveries"),
    onEvent(event) {
      metrics.event(event);
      if (!("backfilled" in event.data)) counter.event(event); // it did not happen in this hour
      changes.tell(event.tenantId);
      if (store.isShared) store.news.tell(EVENTS, event.tenantId);
      traces?.add(eventSpan(event, now()));
      blasting.saw(event);
      if (event.type === "device.connected") blasting.wake();
      if (event.type === "device.qr" && event.device !== null) onQr(event.device.id, event.data.code);
    },
    onAttempt(report) {
      metrics.attempt(report);
      counter.attempt(report);
      changes.tell(report.webhook.tenantId);
      traces?.add(attemptSpan(report));
    },
    clock,
  });
  undo.push(() => engine.stop(0));
  const subscriptions = createSubscriptions({
    webhooks: store.webhooks,
    registry: engine.registry,
    devices: store.devices,
    checkUrl: guard.checkUrl,
    handshake: createHandshake({ guard }),
    refusedName: guard.refusedName,
    now,
  });
  const deafToEvents = fleet && hearEvents(store.news, clock, (tenantId) => {
    engine.publishedElsewhere(tenantId);
    if (tenantId !== undefined) changes.tell(tenantId);
  });
  undo.push(() => deafToEvents?.());
  const keyring = createKeyring({ ...store, clock });
  undo.push(() => keyring.stop());
  tenancy.onChange(({ what, id }) => {
    changes.tell(id); // pages that are looked at find out whether they still may be
    if (what === "suspended" || what === "removed") keyring.endTenant(id);
    if (what === "removed") return engine.registry.removeTenant(id);
    if (what === "key_rotated") return; // those who were let in with it hear by themselves
    engine.tenantChanged(id);
    const work = what === "suspended"
      ? Promise.all([blasting.suspended(id), lines.suspended(id)])
      : lines.activated(id);
    work.catch((error) => log.error("tenant.not_followed", { tenantId: id, error: messageOf(error) }));
  });
  await store.alone(async () => {
    await engine.following.reload(); // another gateway may have made it just now
    await subscriptions.ensureEnvironmentWebhook({
      url: settings.WEBHOOK_URL,
      format: settings.WEBHOOK_FORMAT,
      secret: settings.WEBHOOK_SECRET ?? settings.WHATSAPP_WEBHOOK_SECRET,
    });
  });
  const optingOut = createOptingOut({
    store,
    sendMessage: (request) => lines.sendMessage(request),
    clock,
  });
  undo.push(() => optingOut.words.stop());
  const lines = createLines({
    store,
    settings,
    platform,
    guard,
    publish: optingOut.heard(engine.publish),
    isSuspended: tenancy.isSuspended,
    isBusy: engine.dispatcher.isBusy,
    onHeld: (deviceId) => blasting.cameHere(deviceId),
    fleet: fleet && {
      ...fleet,
      publishHeld: optingOut.heard(engine.publishTo({
        append: async (draft, ...rest) =>
          await fleet.holding.storeOf(draft.device!.id).events.append(draft, ...rest),
      })),
    },
    stopping: stopping.signal,
    clock,
  });
  undo.push(() => lines.stop(0));
  const thisMachine = createThisMachine({
    appUrl: settings.APP_URL,
    trustProxy: settings.TRUST_PROXY,
    events: store.events,
  });
  const blasting = createBlasting({
    store,
    settings,
    publish: optingOut.heard(engine.publish),
    outbox: lines.outbox,
    media: lines.media,
    addresses: lines.addresses,
    isSuspended: tenancy.isSuspended,
    isConnected: (deviceId) => lines.supervisor.get(deviceId) !== undefined,
    isHere: fleet &&
      ((deviceId) => deviceId === null ? fleet.tasks.isMine("qiscus") : fleet.holding.isHere(deviceId)),
    qiscusLease: fleet && (() => fleet.tasks.leaseOf("qiscus")),
    thisMachine,
    inbound: metrics.inbound,
    counterOf,
    clock,
  });
  undo.push(() => blasting.stop(0));
  const newRetention = () =>
    createRetention({
      prunes: {
        events: (before, limit) => store.events.prune(before, limit),
        inbox: (before, limit) => store.inbox.prune(before, limit),
        chat_reads: (before, limit) => store.chatReads.prune(before, limit),
        history_requests: (before, limit) => store.historyRequests.prune(before, limit),
        system_log: (before, limit) => store.systemLog.prune(before, limit),
        messages: (before, limit) => store.messageHistory.pruneAll(before, limit),
        blasts: (before, limit) => store.blasts.prune(before, limit),
        replays: (before, limit) => store.replays.prune(before, limit),
        shortLived: (_before, limit) => store.shortLived.prune(now(), limit),
        removed_webhooks: (before, limit) => store.webhooks.forgetRemoved(before, limit),
        hours: (before, limit) => store.hours.prune(Math.floor(before / HOUR_MS), limit),
      },
      days: settings.EVENT_RETENTION_DAYS,
      isClockBelieved: createBelievedClock({ settings: store.settings, now }),
      clock,
    });

  const insight = createInsight({ store, engine, settings, now });
  const parts: Parts = {
    settings,
    platform,
    store,
    guard,
    engine,
    subscriptions,
    tenancy,
    keyring,
    lines,
    blasting,
    insight,
    fleetView: fleet?.view ?? viewOfOne({
      name: settings.GATEWAY_NAME ?? Deno.hostname(),
      version: VERSION,
      startedAt,
      roles,
      devices: store.devices,
    }),
    optOutWords: optingOut.words,
    stopping: stopping.signal,
    clock,
    now,
  };
  const readiness = async () => {
    const db = await store.healthy();
    const reason = db ? undefined : store.trouble();
    return {
      ready: ready && db,
      checks: { db, ...(reason && { reason }), ...(settings.RECEIVERS_OPEN && { receivers: "open" }) },
    };
  };
  const health = { readiness, startedAt, now };
  const routes = createLateRoutes(async () => {
    const { createHttpOf } = await import("./http.ts");
    return createHttpOf(parts, {
      health,
      thisMachine,
      metricsText: metrics.text,
      changes,
      counterOf,
      mark,
      onlyHealth: !roles.includes("http"),
    });
  }, { first: createFirstAnswers(health), clock });
  const answering = new Set<Promise<Response>>();
  const most = connectionsFor(mostOpenFiles());
  const hostname = hostnameFor(settings, print);
  const listener = await platform.listen({
    hostname,
    port: settings.PORT,
    async handle(request, { remoteAddr }) {
      const answered = metrics.request();
      const answer = routes.answer(request, { remoteAddr });
      answering.add(answer);
      const response = await answer.finally(() => answering.delete(answer));
      answered(response.status);
      return response;
    },
    connections: {
      most,
      mostOfOne: Math.max(16, Math.floor(most / 8)),
      isExempt: (address) => kindOf(address) === "loopback" || isWithin(address, settings.TRUST_PROXY ?? []),
    },
    onDeaf: failed.resolve,
  }).catch((error) => {
    const where = `${hostname}:${settings.PORT}`;
    throw new Error(`Cannot listen on ${where}: ${messageOf(error)}. HOST and PORT choose another address`);
  });
  undo.push(() => listener.end(), () => within(LAST_ANSWERS_MS, listener.close(), clock));
  own.port = listener.port;
  if (madeKey !== null) { // not before the port is ours: a start that fails shows no key that counts
    print(`API key (shown only this once): ${madeKey}`);
    await defaultKeyShown(store.settings);
  }

  await engine.start();
  await lines.start();
  await blasting.start();
  tasks.start({
    retention: taskOf(newRetention),
    ...(roles.includes("devices") && {
      qiscus: {
        start() {
          if (fleet !== undefined) blasting.cameHere(null);
          return () => {};
        },
      },
    }),
    ...(fleet !== undefined && { leftovers: leftoversTask(store, fleet.calls, clock) }),
    ...(fleet !== undefined && { long_transactions: longTransactionsTask(store, clock) }),
  });
  counter.start();
  await fleet?.hits.start();
  ready = true;
  if (settings.RECEIVERS_OPEN) {
    log.warn("receivers.open", { why: "RECEIVERS_OPEN=true: anybody may post to them without a signature" });
  }
  routes.start();
  log.info("gateway.started", { port: listener.port, connections: most });

  return {
    url: `http://${reachedAt(settings.HOST)}:${listener.port}`,
    failed: failed.promise,
    async routes() {
      const all = (await routes.loaded()).routes;
      return all.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({ method, path }));
    },
    async hasDue() {
      if (engine.dispatcher.load().inFlight > 0) return true;
      const ids = [...engine.registry.all()].filter(({ status }) => status === "active").map(({ id }) => id);
      return [...(await store.deliveries.due(ids, now())).values()].some(({ dueNow }) => dueNow);
    },
    async stop() {
      const deadline = performance.now() + platform.graceMs;
      const left = () => Math.max(0, deadline - performance.now());
      ready = false;
      routes.stop();
      await fleet?.drain();
      stopping.abort();
      await within(left(), tasks.stop(), clock);
      keyring.stop();
      tenancy.stop();
      deafToEvents?.();
      optingOut.words.stop();
      await within(left(), Promise.allSettled(answering), clock);
      await blasting.stop(left());
      await lines.stop(left());
      await engine.stop(left());
      await within(left(), Promise.all([counter.stop(), fleet?.hits.stop()]), clock);
      await within(LAST_ANSWERS_MS, Promise.all([listener.close(), traces?.stop()]), clock);
      listener.end();
      await fleet?.leave();
      await storage.close();
      log.info("gateway.stopped");
    },
  };
}
