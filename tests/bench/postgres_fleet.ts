// Three gateways against one, with the database 2 ms away; and what a text and a report take through one of them.
import { Agent, request } from "undici";
import { call, startGatewayProcess } from "../support/process.ts";
import { durableDatabase, noPostgres } from "../support/postgres.ts";
import { holdTo } from "./cpu_share.ts";
import { compare, percentile, wait } from "./load.ts";
import { ask, type Child, startChild } from "./processes.ts";
import { qiscusText } from "./qiscus.ts";
import { ratioRow, type Row, type Section, shown } from "./table.ts";
import { latencyRow, SESSIONS } from "./texts_in.ts";
import { type PairedDevice, startLinkedGateway, startSimulator } from "./whatsapp.ts";

const GATEWAYS = 3;
const ONE_WAY_MS = 1;
/** Of a core, for each gateway: all of them together leave one core to the database and the receiver. */
const SHARE = 0.25;
const PUBLISHED_PER_SECOND = 100;

export const postgresFleet: Section = {
  name: "postgres-fleet",
  async run({ quick }) {
    if (noPostgres !== undefined) return [];
    return [await together(quick), await published(quick), await texts(quick)];
  },
};

/** Gateways are to add up as on machines of their own: none may get faster by what another one leaves idle. */
async function together(quick: boolean): Promise<Row> {
  const url = new URL(await durableDatabase());
  const proxy = await startChild("delaying_proxy.ts", [url.port, String(ONE_WAY_MS)]);
  const receiver = await startChild("receiver.ts");
  url.port = String(proxy.port);
  const engines: Child[] = [];
  await using stack = new AsyncDisposableStack(); // disposed of once the gateways have ended
  try {
    for (let index = 0; index < GATEWAYS; index++) {
      engines.push(await startChild("postgres_engine.ts", [url.href, `device_${index}`]));
      await ask(engines[index].url, `${receiver.url}/hook`);
    }
    const held = stack.use(await holdTo(engines.map(({ pid }) => pid), SHARE));
    const total = quick ? 1_500 : 6_000;
    const all = async (running: readonly Child[]) => {
      const rates = await Promise.all(running.map((engine) => ask<number>(engine.url, total)));
      return rates.reduce((sum, rate) => sum + rate, 0);
    };
    await all(engines);
    const compared = await compare(quick ? 3 : 7, () => all(engines.slice(0, 1)), () => all(engines));
    return ratioRow(
      `durable delivery by ${GATEWAYS} gateways, Postgres ${2 * ONE_WAY_MS} ms away`,
      compared,
      {
        atLeast: 1.8,
        besides: `64 in flight at each; ${
          held ? `each has ${SHARE} of a core` : "all share the cores"
        }; bare is one gateway`,
      },
    );
  } finally {
    for (const each of [...engines, receiver, proxy]) await each.stop();
  }
}

async function published(quick: boolean): Promise<Row> {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir, env: { DATABASE_URL: await durableDatabase() } });
  const dispatcher = new Agent({ connections: 64, allowH2: false });
  const times: number[] = [];
  async function publish(id: string): Promise<void> {
    const startedAt = performance.now();
    const { statusCode, body } = await request(`${gateway.url}/webhooks/qiscus`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: qiscusText(id),
      dispatcher,
    });
    await body.text();
    if (statusCode !== 200) throw new Error(`Answered ${statusCode}`);
    times.push(performance.now() - startedAt);
  }
  try {
    for (const count of [200, quick ? 500 : 3_000]) { // the first ones warm it up
      times.length = 0;
      const open: Promise<void>[] = [];
      const startedAt = performance.now();
      for (let number = 0; number < count; number++) {
        open.push(publish(`wamid.${count}.${number}`));
        const waitMs = startedAt + (number + 1) * 1_000 / PUBLISHED_PER_SECOND - performance.now();
        if (waitMs > 0) await wait(waitMs);
      }
      await Promise.all(open);
    }
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    return {
      what: `report published by HTTP, on Postgres before 200, ${PUBLISHED_PER_SECOND}/s`,
      measured: `p50 ${shown(p50)} ms, p99 ${shown(p99)} ms`,
      ratio: null,
      budget: "p99 < 15 ms",
      isMet: p99 < 15,
    };
  } finally {
    await gateway.kill();
    await dispatcher.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function texts(quick: boolean): Promise<Row> {
  const dir = await Deno.makeTempDir();
  const simulator = await startSimulator();
  const receiver = await startChild("receiver.ts");
  const env = { DATABASE_URL: await durableDatabase() };
  const { gateway, pair } = await startLinkedGateway(simulator, { dir, env });
  try {
    const hook = { url: `${receiver.url}/when`, events: ["message.received"], format: "device" };
    await call(gateway.url, "POST", "/v1/webhooks", hook);
    const devices: PairedDevice[] = [];
    while (devices.length < SESSIONS) devices.push(await pair());
    const row = await latencyRow(simulator, receiver, devices, { quick, p50Ms: 5, p99Ms: 15 });
    return { ...row, what: `${row.what}, on Postgres` };
  } finally {
    await gateway.kill();
    await receiver.stop();
    await simulator.stop();
    await Deno.remove(dir, { recursive: true });
  }
}
