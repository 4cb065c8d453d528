import { messageOf } from "./errors.ts";
import type { KabarEvent } from "./events/event.ts";
import { deliveryIdOf, type TenantId, type WebhookId } from "./ids.ts";
import { logOf } from "./log.ts";
import { createPublish, type Publish } from "./publish.ts";
import type { Queue } from "./queue/queue.ts";
import type { Store } from "./store/store.ts";
import type { Webhook } from "./store/webhooks.ts";
import { type Attempts, createAttempts } from "./webhooks/attempt.ts";
import { createDecisions, type Decisions } from "./webhooks/decisions.ts";
import { type AttemptReport, createDispatcher, type Dispatcher } from "./webhooks/dispatcher.ts";
import { createEndpointWatch } from "./webhooks/endpoint_health.ts";
import type { Guard } from "./webhooks/guard.ts";
import { createPayloads, type Payloads } from "./webhooks/payloads.ts";
import { isUnrenderable } from "./webhooks/outcome.ts";
import { createRecovery } from "./webhooks/recovery.ts";
import { createRedelivery, type Redelivery } from "./webhooks/redelivery.ts";
import { createRegistry, type Registry } from "./webhooks/registry.ts";
import { createSweep } from "./webhooks/sweep.ts";
import { createTrials, type Trials } from "./webhooks/trials.ts";

/** Connections to one origin, per request that may be in flight: what is slow keeps its connection. */
const CONNECTIONS_PER_SLOT = 4;

const log = logOf("webhooks");

export interface EngineDeps {
  readonly store: Pick<Store, "events" | "webhooks" | "deliveries">;
  readonly queue: Queue;
  readonly guard: Guard;
  /** Webhook requests in flight at once. */
  readonly concurrency: number;
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
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Everything between a published event and its delivery. */
export interface Engine {
  readonly publish: Publish;
  readonly registry: Registry;
  readonly dispatcher: Dispatcher;
  readonly decisions: Decisions;
  readonly redelivery: Redelivery;
  readonly payloads: Payloads;
  readonly trials: Trials;
  readonly attempt: Attempts["attempt"];
  /** Calls the listener after each event of the tenant. Returns what stops it. */
  onPublished(tenantId: TenantId, listener: (event: KabarEvent) => void): () => void;
  /** A tenant was suspended or activated. */
  tenantChanged(tenantId: TenantId): void;
  /** Takes up what is due, whoever left it behind. */
  start(): Promise<void>;
  /** Finishes what is in flight, within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Puts the engine together. Nothing is delivered before `start`. */
export async function createEngine(deps: EngineDeps): Promise<Engine> {
  const { store, queue, guard, retryScale, now = Date.now, random = Math.random } = deps;
  const maxConnections = CONNECTIONS_PER_SLOT * deps.concurrency;
  const attempts = createAttempts({ guard, maxConnections, now });
  const registry = await createRegistry({ webhooks: store.webhooks });
  const decisions = createDecisions();
  const watch = createEndpointWatch();
  const listeners = createListeners();

  /** As the dispatcher may see it: a suspended tenant's webhooks rest. */
  const webhookOf = (id: WebhookId): Webhook | undefined => {
    const webhook = registry.get(id);
    const rests = webhook?.status === "active" && deps.isSuspended(webhook.tenantId);
    return webhook !== undefined && rests ? { ...webhook, status: "paused" } : webhook;
  };

  const dispatcher = createDispatcher({
    deliveries: store.deliveries,
    events: store.events,
    webhookOf,
    attempt: attempts.attempt,
    queue,
    concurrency: deps.concurrency,
    retryScale,
    now,
    random,
    recoverAt: (delivery, event, outcome) => {
      const isTest = event.type === "webhook.test";
      return isTest || isUnrenderable(outcome) ? undefined : recovery.nextTryAt(delivery);
    },
    once: (delivery, event) => event.type === "webhook.test" || recovery.isProbe(delivery),
    onAttempt: observe,
    onDecided: decisions.announce,
  });
  const poke = (webhookId: WebhookId) => dispatcher.poke(webhookId);
  const recovery = createRecovery({ deliveries: store.deliveries, webhookOf, poke, now, scale: retryScale });
  const sweep = createSweep({
    deliveries: store.deliveries,
    active: () =>
      [...registry.all()].filter(({ id }) => webhookOf(id)?.status === "active").map(({ id }) => id),
    poke: dispatcher.poke,
    now,
  });
  const publish = createPublish({
    events: store.events,
    matching: registry.matching,
    dispatcher,
    onPublished(tenantId, event) {
      deps.onEvent?.(event);
      listeners.tell(tenantId, event);
    },
    now,
  });
  const redelivery = createRedelivery({
    deliveries: store.deliveries,
    webhookOf: registry.get,
    poke,
    hurry: dispatcher.hurry,
    now,
  });

  function observe(report: AttemptReport): void {
    const { webhook, delivery, outcome, state, gone } = report;
    logAttempt(report);
    deps.onAttempt?.(report);
    const isTest = report.event.type === "webhook.test"; // it tells its caller how it went, nobody else
    const tellsOfEndpoint = !isTest && (!isUnrenderable(outcome));
    if (outcome.ok) recovery.succeeded(delivery);
    else if (state.status === "failed" && tellsOfEndpoint) recovery.failed(delivery, state.recoverAt);
    const news = tellsOfEndpoint ? watch.observe(report) : undefined;
    if (gone) attend(webhook.id, deps.disable(webhook.id, "The endpoint answered 410 Gone"));
    if (news !== undefined) attend(webhook.id, publish(news));
  }

  function attend(webhookId: WebhookId, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      log.error("webhook.news_lost", { webhook: webhookId, error: messageOf(error) });
    });
  }

  /** What a crash left for webhooks that were being removed then goes nowhere. */
  async function cancelStrays(): Promise<void> {
    for (const id of await store.deliveries.pendingWebhooks()) {
      if (registry.get(id) === undefined) await store.deliveries.cancelPending(id, now());
    }
  }

  registry.onChange(({ what, webhook }) => {
    if (what === "removed" || webhook.status !== "active") {
      recovery.forget(webhook.id);
      watch.forget(webhook.id);
    } else recovery.resumed(webhook.id);
    dispatcher.changed(webhook.id);
  });

  return {
    publish,
    registry,
    dispatcher,
    decisions,
    redelivery,
    payloads: createPayloads({ events: store.events, webhookOf: registry.get }),
    trials: createTrials({ publish, decisions, hurry: dispatcher.hurry, retryScale }),
    attempt: attempts.attempt,
    onPublished: listeners.add,
    tenantChanged(tenantId) {
      for (const { id } of registry.list(tenantId)) {
        dispatcher.changed(id);
        recovery.resumed(id);
      }
    },
    async start() {
      await cancelStrays();
      queue.listen((alarm) => void dispatcher.wake(alarm));
      await sweep.start();
      await recovery.start([...registry.all()].map(({ id }) => id));
    },
    async stop(graceMs) {
      sweep.stop();
      recovery.stop();
      redelivery.stop();
      await dispatcher.stop(graceMs);
      await attempts.close();
    },
  };
}

function logAttempt({ webhook, delivery, outcome, state }: AttemptReport): void {
  const fields = {
    webhook: webhook.id,
    delivery: deliveryIdOf(delivery.number),
    event: delivery.name,
    attempt: delivery.attempts + 1,
    status: outcome.statusCode,
    ms: Math.round(outcome.durationMs),
  };
  if (outcome.ok) log.info("webhook.delivered", fields);
  else log.warn("webhook.attempt_failed", { ...fields, error: outcome.error, next: state.status });
}

/** Tells those who wait for a tenant's events. */
function createListeners() {
  const byTenant = new Map<TenantId, Set<(event: KabarEvent) => void>>();
  return {
    tell(tenantId: TenantId, event: KabarEvent): void {
      for (const listener of byTenant.get(tenantId) ?? []) listener(event);
    },
    add(tenantId: TenantId, listener: (event: KabarEvent) => void): () => void {
      const own = byTenant.get(tenantId) ?? new Set();
      byTenant.set(tenantId, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0) byTenant.delete(tenantId);
      };
    },
  };
}
