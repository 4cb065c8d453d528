// A tenant whose four hundred receivers hang, and what another one's quick webhook notices of it, over HTTP.
import { call, startGatewayProcess } from "../support/process.ts";
import { besideTexts } from "./beside.ts";
import { clockMs, percentile, wait } from "./load.ts";
import { ask, type Child, startChild } from "./processes.ts";
import { qiscusText } from "./qiscus.ts";
import { type Row, type Section, shown } from "./table.ts";
import { startSimulator } from "./whatsapp.ts";

const MASTER = "the operator's own master key";
const HANGING = 400;
/** Events of the quick tenant. */
const PER_SECOND = 20;
/** Texts that a contact writes to the tenant with the hanging receivers. */
const TEXTS_PER_SECOND = 2;
const BUDGET_MS = 100;

export const neighbours: Section = {
  name: "neighbours",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const receiver = await startChild("receiver.ts");
    const hanging = await startChild("receiver.ts", ["0", "0.0.0.0"]);
    const gateway = await startGatewayProcess({
      dir,
      env: {
        MASTER_KEY: MASTER,
        WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8",
        WEBHOOK_RETRY_SCALE: "1",
        WHATSAPP_WS_URL: simulator.url,
        WHATSAPP_ROOT_KEY: simulator.rootKey,
        RATE_LIMIT_PER_MINUTE: "1000000",
      },
    });
    try {
      const neighbour = await aTenant(gateway.url);
      for (let i = 0; i < HANGING; i++) {
        await neighbour("POST", "/v1/webhooks", {
          url: `http://127.0.${1 + Math.floor(i / 200)}.${1 + i % 200}:${hanging.port}/hang`,
          events: ["message.received"],
          timeout: 60,
          retry: [1, 1, 1, 1, 1],
        });
      }
      const phone = await pair(neighbour, (qr) => simulator.tell<string>({ do: "scan", qr }));
      await call(gateway.url, "POST", "/v1/webhooks", {
        url: `${receiver.url}/when`,
        events: ["message.received"],
      });
      const seconds = quick ? 5 : 20;
      await delays(gateway.url, receiver, 2);
      const alone = await delays(gateway.url, receiver, seconds);
      const texts = simulator.tell({
        do: "send",
        to: [phone],
        count: TEXTS_PER_SECOND * seconds,
        perSecond: TEXTS_PER_SECOND,
      });
      const beset = await delays(gateway.url, receiver, seconds);
      await texts;
      const { count } = await ask<{ count: number }>(`${hanging.url}/count`);
      const p99Ms = percentile(beset, 0.99);
      const row: Row = {
        what: `one tenant's ${HANGING} hanging receivers: p99 of another's deliveries at ${PER_SECOND} /s`,
        measured: `${shown(p99Ms)} ms (before ${shown(percentile(alone, 0.99))} ms); ${count} requests hang`,
        ratio: percentile(alone, 0.99) / p99Ms,
        budget: `< ${BUDGET_MS} ms`,
        isMet: p99Ms < BUDGET_MS,
      };
      return [row, ...await besideTexts(quick)];
    } finally {
      await gateway.kill();
      await hanging.stop();
      await receiver.stop();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

type Api = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

async function aTenant(url: string): Promise<Api> {
  const made = await fetch(`${url}/admin/tenants`, {
    method: "POST",
    headers: { "X-Master-Key": MASTER, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Hanging" }),
  });
  const key: string = (await made.json()).data.api_key;
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { "X-API-Key": key, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).data;
  };
}

/** Links a device of the tenant; the number of its phone. */
async function pair(api: Api, scan: (qr: string) => Promise<string>): Promise<string> {
  const { id } = await api("POST", "/v1/devices", { label: "Hanging" });
  const { qr } = await api("POST", `/v1/devices/${id}/pairing/qr`);
  const number = await scan(String(qr));
  while ((await api("GET", `/v1/devices/${id}`)).status !== "connected") await wait(20);
  return number;
}

/** Publishes events of the quick tenant at a steady pace; from the request to the first byte at its receiver, in ms. */
async function delays(url: string, receiver: Child, seconds: number): Promise<readonly number[]> {
  const total = seconds * PER_SECOND;
  const sentAt = new Map<string, number>();
  const posts: Promise<unknown>[] = [];
  for (let i = 0; i < total; i++) {
    const id = `wamid.${crypto.randomUUID()}`;
    sentAt.set(id, clockMs());
    const body = qiscusText(id);
    posts.push(
      fetch(`${url}/webhooks/qiscus`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      }).then((answer) => answer.body?.cancel()),
    );
    await wait(1_000 / PER_SECOND);
  }
  await Promise.all(posts);
  const took: number[] = [];
  const deadline = clockMs() + 60_000;
  while (took.length < total) {
    if (clockMs() > deadline) throw new Error(`Only ${took.length} of ${total} deliveries came`);
    for (const [body, at] of await ask<[string, number][]>(`${receiver.url}/when`)) {
      took.push(at - (sentAt.get(JSON.parse(body).data.message_id) ?? at));
    }
    await wait(20);
  }
  return took;
}
