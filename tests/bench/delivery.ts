// Durable delivery against a bare loop of POSTs over the same client, in one run.
import { Agent } from "undici";
import { createEngine } from "../../src/engine.ts";
import { DEFAULT_TENANT, newId } from "../../src/ids.ts";
import { createMemoryQueue } from "../../src/queue/memory.ts";
import { openDenoKvQueue } from "../../src/queue/deno_kv.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { createGuard } from "../../src/webhooks/guard.ts";
import { perSecond } from "./load.ts";
import { startChild } from "./processes.ts";

const IN_FLIGHT = 64;
const TEXT = "x".repeat(180);

export function aWebhook(url: string, change: Partial<Webhook> = {}): Webhook {
  const at = Date.now();
  return {
    id: newId("wh"),
    tenantId: DEFAULT_TENANT,
    url,
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
export function aDraft() {
  const messageId = `3EB0${String(serial++).padStart(16, "0")}`;
  const jid = "628123456789@s.whatsapp.net";
  return {
    type: "message.received" as const,
    tenantId: DEFAULT_TENANT,
    device: { id: "device_bench", alias: null },
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

export async function openEngine(dir: string) {
  const store = openSqliteStore({ path: `${dir}/logs.db` });
  const at = Date.now();
  await store.tenants.create(
    { id: DEFAULT_TENANT, name: "bench", status: "active", createdAt: at, updatedAt: at },
    "0".repeat(64),
  ).catch(() => {});
  const queue = Deno.args.includes("--kv") ? await openDenoKvQueue(`${dir}/kv.db`) : createMemoryQueue();
  const engine = await createEngine({
    store,
    queue,
    guard: createGuard({ allowPrivate: true }),
    concurrency: IN_FLIGHT,
    retryScale: 1,
    isSuspended: () => false,
    disable: () => Promise.resolve(),
  });
  await engine.start();
  return { store, queue, engine };
}

export function barePost(url: string, body: string): () => Promise<void> {
  const agent = new Agent({ connections: 256 });
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

export async function benchDelivery(total = 20_000) {
  const receiver = await startChild("receiver.ts");
  const dir = await Deno.makeTempDir();
  const url = `http://127.0.0.1:${receiver.port}/hook`;
  const body = JSON.stringify(aDraft());
  const post = barePost(url, body);
  await perSecond(2_000, IN_FLIGHT, post);
  const { store, queue, engine } = await openEngine(dir);
  engine.registry.put(aWebhook(url));
  await store.webhooks.create([...engine.registry.all()][0]);
  const deliver = async () => {
    const published = await engine.publish(aDraft());
    if (published.duplicate) throw new Error("duplicate");
    const decision = await engine.decisions.wait(published.deliveries[0].number, 30_000);
    if (decision?.status !== "success") throw new Error(`not delivered: ${decision?.error}`);
  };
  await perSecond(2_000, IN_FLIGHT, deliver);
  const rounds = [];
  for (let i = 0; i < 3; i++) {
    const bare = await perSecond(total / 2, IN_FLIGHT, post);
    const durable = await perSecond(total / 2, IN_FLIGHT, deliver);
    rounds.push({ bare: Math.round(bare), durable: Math.round(durable), ratio: durable / bare });
  }
  const count = await (await fetch(`http://127.0.0.1:${receiver.port}/count`)).json();
  await engine.stop(5_000);
  await queue.close();
  await store.close();
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
  return { rounds, count, rssMb: Math.round(Deno.memoryUsage().rss / 1e6) };
}

if (import.meta.main) console.log(await benchDelivery());
