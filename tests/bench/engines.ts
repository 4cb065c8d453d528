import { Agent, request } from "undici";
import { createEngine, type Engine } from "../../src/app/engine.ts";
import { DEFAULT_TENANT, type DeviceId, newId } from "../../src/ids.ts";
import { createMemoryQueue } from "../../src/queue/memory.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { createGuard } from "../../src/net/guard.ts";

export const IN_FLIGHT = 64;
const TEXT = "x".repeat(180);

/** An engine on a store of its own, whose deliveries can be waited for. */
export interface BenchEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  /** The device that its events are about. */
  readonly device: DeviceId;
  subscribe(change: Partial<Webhook> & Pick<Webhook, "url">): Promise<Webhook>;
  /** Publishes an event and waits until its outcome is committed. */
  deliver(): Promise<void>;
}

export async function openEngine(dir: string): Promise<BenchEngine> {
  return await engineOn(openSqliteStore({ path: `${dir}/logs.db` }));
}

/** The same on any store, which is closed with it. */
export async function engineOn(store: Store, device = "device_bench"): Promise<BenchEngine> {
  const queue = createMemoryQueue();
  const waiting = new Map<number, () => void>();
  const engine = await createEngine({
    store,
    queue,
    guard: createGuard({ allowPrivate: true }),
    concurrency: IN_FLIGHT,
    retryScale: 1,
    isSuspended: () => false,
    disable: () => Promise.resolve(),
    onAttempt: ({ delivery, outcome }) => {
      if (!outcome.ok) throw new Error(`Not delivered: ${outcome.error}`);
      waiting.get(delivery.number)?.();
      waiting.delete(delivery.number);
    },
  });
  await engine.start();
  return {
    engine,
    store,
    device: device as DeviceId,
    async subscribe(change) {
      const webhook = aWebhook(change);
      await store.webhooks.create(webhook);
      engine.registry.put(webhook);
      return webhook;
    },
    async deliver() {
      const published = await engine.publish(aDraft(device));
      if (published.duplicate) throw new Error("Published before");
      const { number } = published.deliveries[0];
      await new Promise<void>((resolve) => waiting.set(number, resolve));
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(2_000);
      await queue.close();
      await store.close();
    },
  };
}

function aWebhook(change: Partial<Webhook> & Pick<Webhook, "url">): Webhook {
  const at = Date.now();
  return {
    id: newId("wh"),
    tenantId: DEFAULT_TENANT,
    format: "device",
    events: ["*"],
    devices: null,
    secrets: [{ value: "a-secret-of-the-bench", expiresAt: null }],
    headers: {},
    retry: null,
    timeoutMs: null,
    ordering: "none",
    recovery: true,
    status: "active",
    statusReason: null,
    source: "api",
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

let serial = 0;

/** A text message whose event is about 400 bytes of JSON. */
export function aDraft(device = "device_bench") {
  const messageId = `3EB0${String(serial++).padStart(16, "0")}`;
  const jid = "628123456789@s.whatsapp.net";
  return {
    type: "message.received" as const,
    tenantId: DEFAULT_TENANT,
    device: { id: device, alias: null },
    data: {
      messageId,
      chat: { kind: "person" as const, jid },
      from: { pn: jid, lid: null },
      fromMe: false,
      sentAt: Date.now(),
      offline: false,
      content: { kind: "text" as const, text: TEXT },
    },
  };
}

/** Posts the body and waits for the answer, with nothing around undici that it does not need. */
export function barePost(url: string, body: string): () => Promise<void> {
  const agent = new Agent({ connections: 256, allowH2: false });
  const { origin, pathname } = new URL(url);
  const headers = { "content-type": "application/json" };
  return () =>
    new Promise((resolve, reject) => {
      agent.dispatch({ origin, path: pathname, method: "POST", headers, body }, {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      });
    });
}

/** The same as most programs write it. */
export function bareRequest(url: string, body: string): () => Promise<void> {
  const dispatcher = new Agent({ connections: 256, allowH2: false });
  const headers = { "content-type": "application/json" };
  return async () => {
    const answer = await request(url, { method: "POST", headers, body, dispatcher });
    await answer.body.text();
  };
}
