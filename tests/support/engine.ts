import type { EventDraft } from "../../src/events/event.ts";
import type { Clock } from "../../src/async/clock.ts";
import { createEngine, type Engine } from "../../src/app/engine.ts";
import { DEFAULT_TENANT, newId } from "../../src/ids.ts";
import { createMemoryQueue } from "../../src/queue/memory.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { createGuard } from "../../src/net/guard.ts";
import { aWebhook } from "./events.ts";

/** An engine on a store of its own, in a folder that goes away with it. */
export interface RunningEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  readonly path: string;
  /** Adds a webhook as if it had been created over HTTP. */
  subscribe(change: Partial<Webhook>): Promise<Webhook>;
  change(webhook: Webhook, change: Partial<Webhook>): Promise<void>;
}

export interface EngineOptions {
  readonly concurrency?: number;
  /** Multiplies planned waits; 0.01 unless told. */
  readonly retryScale?: number;
  readonly queue?: Queue;
  readonly path?: string;
  readonly clock?: Clock;
  /** False: nothing is delivered until `engine.start()`. */
  readonly started?: boolean;
}

export async function runEngine(options: EngineOptions = {}): Promise<RunningEngine> {
  const dir = options.path === undefined ? await Deno.makeTempDir() : undefined;
  const path = options.path ?? `${dir}/logs.db`;
  const store = openSqliteStore({ path });
  const queue = options.queue ?? createMemoryQueue();
  const suspended = new Set<string>();
  const engine = await createEngine({
    store,
    queue,
    guard: createGuard({ allowPrivate: ["127.0.0.0/8"] }),
    concurrency: options.concurrency ?? 16,
    retryScale: options.retryScale ?? 0.01,
    clock: options.clock,
    isSuspended: (tenantId) => suspended.has(tenantId),
    disable: async (webhookId, reason) => {
      const webhook = await store.webhooks.update(
        webhookId,
        { status: "disabled", statusReason: reason },
        Date.now(),
      );
      if (webhook !== undefined) engine.registry.put(webhook);
    },
  });
  if (options.started ?? true) await engine.start();
  return {
    engine,
    store,
    path,
    async subscribe(change) {
      const webhook = aWebhook({
        id: newId("wh"),
        tenantId: DEFAULT_TENANT,
        secrets: [{ value: "a test secret", expiresAt: null }],
        recovery: false,
        ...change,
      });
      await store.webhooks.create(webhook);
      engine.registry.put(webhook);
      return webhook;
    },
    async change(webhook, change) {
      const changed = await store.webhooks.update(webhook.id, change, Date.now());
      if (changed !== undefined) engine.registry.put(changed);
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(1_000);
      await queue.close();
      await store.close();
      if (dir !== undefined) await Deno.remove(dir, { recursive: true });
    },
  };
}

/** A text message from this number. */
export function aText(text: string, from = "628123456789"): EventDraft {
  const jid = `${from}@s.whatsapp.net`;
  return {
    type: "message.received",
    tenantId: DEFAULT_TENANT,
    device: { id: "device_test", alias: null },
    data: {
      messageId: `3EB0${crypto.randomUUID().slice(0, 8).toUpperCase()}`,
      chat: { kind: "person", jid },
      from: { pn: jid, lid: null },
      fromMe: false,
      sentAt: 1_703_145_600_000,
      offline: false,
      content: { kind: "text", text },
    },
  };
}
