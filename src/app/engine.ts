import { type Clock, systemClock } from "../async/clock.ts";
import type { CounterOf } from "../async/hit_counter.ts";
import { createListeners } from "../async/listeners.ts";
import { createFairPlaces } from "../async/fair_places.ts";
import type { KabarEvent } from "../events/event.ts";
import type { TenantId, WebhookId } from "../ids.ts";
import { createPublish, type Publish } from "../publish.ts";
import type { Queue } from "../queue/queue.ts";
import type { Events } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import type { Webhook } from "../store/webhooks.ts";
import { type AttemptRequest, createAttempts, type Wire } from "../webhooks/attempt.ts";
import { webhooksAtRest } from "../webhooks/at_rest.ts";
import { createDecisions, type Decisions } from "../webhooks/decisions.ts";
import { type AttemptReport, createDispatcher, type Dispatcher } from "../webhooks/dispatcher.ts";
import { createEndpointAlerts } from "../webhooks/endpoint_alerts.ts";
import { createEndpointWatch } from "../webhooks/endpoint_health.ts";
import { createEndpointState, createProbed, type EndpointState } from "../webhooks/endpoint_state.ts";
import type { Guard } from "../net/guard.ts";
import { createFollowUp } from "../webhooks/follow_up.ts";
import { createPayloads, type Payloads } from "../webhooks/payloads.ts";
import { createPreflight, type Preflight } from "../webhooks/preflight.ts";
import type { Outcome } from "../webhooks/outcome.ts";
import { createRecovery } from "../webhooks/recovery.ts";
import { createRedelivery, type Redelivery } from "../webhooks/redelivery.ts";
import { type FollowStore, followStore } from "../webhooks/follow_store.ts";
import { createRegistry, type Registry } from "../webhooks/registry.ts";
import { mostInFlight } from "../webhooks/slots.ts";
import { cancelStrays } from "../webhooks/strays.ts";
import { createReplays, type Replaying } from "../webhooks/replays.ts";
import { MINUTE_MS } from "../spans.ts";
import { createSweep } from "../webhooks/sweep.ts";
import { createTestDeliveries, type TestDeliveries } from "../webhooks/test_delivery.ts";

/** Steps that bring failed or old deliveries back, up to 200 rows each: at once, and of one tenant. */
const REVIVALS = { inAll: 4, ofOne: 1 };

export interface EngineDeps {
  readonly store: Pick<
    Store,
    "events" | "webhooks" | "endpointAlerts" | "deliveries" | "replays" | "news" | "isShared"
  >;
  readonly queue: Queue;
  readonly guard: Guard;
  /** How connections to receivers are made. */
  readonly wire?: Wire;
  /** Webhook requests in flight at once. */
  readonly concurrency: number;
  /** What requests carry as `X-Kabar-From`. */
  readonly mark?: string;
  /** Multiplies every planned wait. */
  readonly retryScale: number;
  /** Deliveries of a suspended tenant wait. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  /** The endpoint answered 410: it wants no more. */
  readonly disable: (webhookId: WebhookId, reason: string) => Promise<void>;
  /** Hears of every event that was published, for metrics. */
  readonly onEvent?: (event: KabarEvent) => void;
  /** Hears of every attempt, for metrics. */
  readonly onAttempt?: (report: AttemptReport) => void;
  /** False: other gateways take up what was left behind. Left out: this one does. */
  readonly takesUp?: boolean;
  /** Where what tenants ask is counted; left out: here alone. */
  readonly counterOf?: CounterOf;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Everything between a published event and its delivery. */
export interface Engine {
  readonly following: FollowStore;
  readonly publish: Publish;
  /** The same for events that are to be stored by other means, such as under a lease. */
  readonly publishTo: (events: Pick<Events, "append">) => Publish;
  /** Another gateway has published events of this tenant; undefined: of any. */
  publishedElsewhere(tenantId: TenantId | undefined): void;
  readonly registry: Registry;
  readonly dispatcher: Dispatcher;
  readonly decisions: Decisions;
  readonly redelivery: Redelivery;
  readonly replays: Replaying;
  readonly payloads: Payloads;
  readonly testDeliveries: TestDeliveries;
  /** How the endpoint of a webhook does. */
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  /** Whether a webhook's endpoint has failed since it last took something, as far as memory tells. */
  readonly hasFailed: (webhook: Webhook) => boolean;
  /** Those of these webhooks whose endpoints are probed. */
  readonly probed: (webhooks: readonly Webhook[]) => readonly WebhookId[];
  /** Probes an endpoint that was given up now. False: there is nothing to probe. */
  readonly probeNow: (webhookId: WebhookId) => boolean;
  /** Looks behind a URL without posting anything. */
  readonly preflight: Preflight;
  /** One request that is no delivery; it takes its turn among the tenant's deliveries. */
  readonly attempt: (request: AttemptRequest) => Promise<Outcome>;
  /** Calls the listener after each event of the tenant. Returns what stops it. */
  onPublished(tenantId: TenantId, listener: () => void): () => void;
  /** A tenant was suspended or activated. */
  tenantChanged(tenantId: TenantId): void;
  /** Takes up what is due, whoever left it behind. */
  start(): Promise<void>;
  /** Looks for what is due: another gateway may have left it. */
  sweep(): Promise<void>;
  /** Finishes what is in flight, within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Puts the engine together. Nothing is delivered before `start`. */
export async function createEngine(deps: EngineDeps): Promise<Engine> {
  const { store, queue, guard, retryScale, takesUp = true, clock = systemClock, random = Math.random } = deps;
  const { now } = clock;
  // The dispatcher bounds requests by tenant and origin; what it starts never waits for a connection.
  const attempts = createAttempts({
    guard,
    maxConnections: mostInFlight(deps.concurrency),
    mark: deps.mark,
    wire: deps.wire,
    now,
  });
  const registry = await createRegistry({ webhooks: store.webhooks });
  const decisions = createDecisions(clock);
  const alerts = await createEndpointAlerts({
    stored: store.endpointAlerts,
    news: store.news,
    publish: (draft) => publish(draft),
    clock,
  });
  const following = followStore({ registry, webhooks: store.webhooks, news: store.news, clock });
  const watch = createEndpointWatch(alerts);
  const listeners = createListeners<TenantId>();
  const webhookOf = webhooksAtRest({ get: registry.get, isSuspended: deps.isSuspended });
  const dispatcher = createDispatcher({
    deliveries: store.deliveries,
    events: store.events,
    webhookOf,
    attempt: attempts.attempt,
    queue,
    concurrency: deps.concurrency,
    retryScale,
    clock,
    random,
    recoverAt: (...given) => followUp.recoverAt(...given),
    once: (...given) => followUp.once(...given),
    onAttempt(report) {
      deps.onAttempt?.(report);
      followUp.attempted(report);
    },
    onDecided: decisions.announce,
  });
  const poke = (webhookId: WebhookId) => dispatcher.poke(webhookId);
  const places = createFairPlaces(REVIVALS);
  const recovery = createRecovery({
    deliveries: store.deliveries,
    webhookOf,
    poke,
    clock,
    scale: retryScale,
    places,
  });
  const sweep = createSweep({
    deliveries: store.deliveries,
    active: () =>
      [...registry.all()].filter(({ id }) => webhookOf(id)?.status === "active").map(({ id }) => id),
    poke: dispatcher.poke,
    clock,
  });
  const publishTo = (events: Pick<Events, "append">) =>
    createPublish({
      events,
      matching: registry.matching,
      ...(store.isShared && { webhooks: following }),
      dispatcher,
      onPublished(tenantId, event) {
        deps.onEvent?.(event);
        listeners.tell(tenantId);
      },
      now,
    });
  const publish = publishTo(store.events);
  const redelivery = createRedelivery({
    deliveries: store.deliveries,
    webhookOf: registry.get,
    hurry: dispatcher.hurry,
    now,
  });
  const replays = createReplays({
    deliveries: store.deliveries,
    replays: store.replays,
    webhookOf: registry.get,
    poke,
    isSuspended: deps.isSuspended,
    places,
    clock,
  });

  const followUp = createFollowUp({ recovery, watch, alerts, publish, disable: deps.disable });
  registry.onChange((change) => {
    followUp.changed(change);
    dispatcher.changed(change.webhook.id);
  });

  return {
    publish,
    publishTo,
    publishedElsewhere(tenantId) {
      if (tenantId === undefined) listeners.tellAll();
      else listeners.tell(tenantId);
    },
    registry,
    following,
    dispatcher,
    decisions,
    redelivery,
    replays,
    payloads: createPayloads({ ...store, webhookOf: registry.get }),
    endpointState: createEndpointState({ deliveries: store.deliveries, ...watch, ...recovery }),
    hasFailed: ({ id }) => watch.streakOf(id) !== undefined || recovery.outageOf(id) !== undefined,
    probed: createProbed(recovery),
    probeNow: recovery.probeNow,
    preflight: createPreflight({
      guard,
      wire: deps.wire,
      asked: deps.counterOf?.("preflight", MINUTE_MS),
      clock,
    }),
    testDeliveries: createTestDeliveries({ publish, decisions, hurry: dispatcher.hurry, retryScale }),
    async attempt(request) {
      const slot = await dispatcher.borrow(request.tenantId, request.url, request.timeoutMs);
      return await attempts.attempt(request).finally(() => slot.release());
    },
    onPublished: listeners.hear,
    tenantChanged(tenantId) {
      for (const { id } of registry.list(tenantId)) {
        dispatcher.changed(id);
        recovery.resumed(id);
      }
    },
    async start() {
      queue.listen((alarm) => void dispatcher.wake(alarm));
      if (!takesUp) return;
      await cancelStrays({ deliveries: store.deliveries, registry, now });
      await sweep.start();
      await recovery.start([...registry.all()].map(({ id }) => id));
      replays.start();
    },
    sweep: () => takesUp ? sweep.now() : Promise.resolve(),
    async stop(graceMs) {
      following.stop();
      alerts.stop();
      sweep.stop();
      recovery.stop();
      await replays.stop();
      await dispatcher.stop(graceMs);
      await attempts.close();
    },
  };
}
