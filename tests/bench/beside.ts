// What 100 texts a second over twenty sessions notice of a neighbour on the same gateway: from a contact's text to the
// first byte of the webhook's request, alone and beside each.
import { DatabaseSync } from "node:sqlite";
import { call, KEY } from "../support/process.ts";
import { percentile, wait } from "./load.ts";
import { type Child, startChild } from "./processes.ts";
import { type Row, shown } from "./table.ts";
import { arrivals } from "./texts_in.ts";
import { type LinkedGateway, type SimulatorProcess, startLinkedGateway, startSimulator } from "./whatsapp.ts";

const SESSIONS = 20;
const PER_SECOND = 100;
const BUDGET_MS = 25;
/** Text goes on for so long before the neighbour begins. */
const AHEAD_MS = 500;
const HISTORY = { chats: 8_000, each: 5 };
const RECIPIENTS = 10_000;
const FILE_BYTES = 64 * 1024 * 1024;

interface World {
  readonly gateway: LinkedGateway;
  readonly simulator: SimulatorProcess;
  readonly receiver: Child;
  /** A device that nobody else writes to. */
  readonly own: { readonly id: string; readonly number: string };
  readonly events: number;
}

type Api = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Each begins what the neighbour does, and resolves when it is over. */
const NEIGHBOURS: Readonly<Record<string, (world: World, api: Api) => Promise<void>>> = {
  [`a pairing with a history of ${HISTORY.chats} chats × ${HISTORY.each}`]: async ({ gateway }) => {
    await gateway.pair(HISTORY);
  },
  [`a blast to ${RECIPIENTS}`]: async ({ own }, api) => {
    const recipients = Array.from({ length: RECIPIENTS }, (_, index) => String(6_281_200_000_000 + index));
    await api("POST", "/api/messages/blast", {
      channels: ["whatsapp"],
      device: own.id,
      message: "Hello",
      recipients,
    });
  },
  "a file of 64 MB": async ({ gateway, simulator, own }) => {
    const id = await simulator.tell<string>({ do: "file", to: own.number, bytes: FILE_BYTES });
    const path = `${gateway.gateway.url}/v1/devices/${own.id}/media/${id}`;
    while (true) {
      const answer = await fetch(path, { headers: { "X-API-Key": KEY } });
      let got = 0;
      for await (const chunk of answer.body ?? []) got += chunk.length;
      if (answer.status === 200 && got === FILE_BYTES) return;
      if (answer.status !== 404) throw new Error(`The file: ${answer.status}, ${got} bytes`);
      await wait(50); // the message is still on its way
    }
  },
  "a replay of many deliveries": async ({ own }, api) => {
    await api("POST", "/v1/deliveries/replay", { device_id: own.id });
    await wait(3_000); // it goes on for minutes
  },
  "a page of events over many": async ({ own }, api) => {
    for (let n = 0; n < 5; n++) await api("GET", `/v1/events?types=message.edited&devices=${own.id}`);
    await api("GET", "/v1/deliveries?status=failed");
  },
};

export async function besideTexts(quick: boolean): Promise<readonly Row[]> {
  const dir = await Deno.makeTempDir();
  const simulator = await startSimulator();
  const receiver = await startChild("receiver.ts");
  const other = await startChild("receiver.ts");
  const env = { WHATSAPP_MEDIA_CA: `${dir}/ca.pem`, MAX_ATTACHMENT_SIZE: String(2 * FILE_BYTES) };
  await Deno.writeTextFile(env.WHATSAPP_MEDIA_CA, simulator.mediaCa);
  let gateway = await startLinkedGateway(simulator, { dir, env });
  try {
    const api = apiOf(() => gateway.gateway.url);
    const old = await api("POST", "/v1/webhooks", { url: `${other.url}/`, events: ["message.received"] });
    const to: string[] = [];
    while (to.length < SESSIONS) to.push((await gateway.pair()).number);
    const own = await gateway.pair();
    const events = quick ? 100_000 : 1_000_000;
    await gateway.gateway.stop();
    fill(`${dir}/data/logs.db`, { webhookId: idOf(old), deviceId: own.id, events, deliveries: events / 10 });
    gateway = await startLinkedGateway(simulator, { dir, env });
    await gateway.connected(SESSIONS + 1);
    await api("POST", "/v1/webhooks", { url: `${receiver.url}/when`, events: ["message.received"] });
    const world = { gateway, simulator, receiver, own, events };

    const texts = async (seconds: number) => {
      await simulator.tell({ do: "send", to, count: seconds * PER_SECOND, perSecond: PER_SECOND });
    };
    const during = async (seconds: number, neighbour: () => Promise<void>) => {
      const sending = texts(seconds);
      await wait(AHEAD_MS);
      await Promise.all([neighbour(), sending]);
      return (await arrivals(receiver, seconds * PER_SECOND, "sent at")).map(([body, at]) =>
        at - Number(/sent at ([\d.]+)/.exec(body)?.[1])
      );
    };
    const seconds = quick ? 5 : 10;
    await during(2, () => Promise.resolve());
    const alone = percentile(await during(seconds, () => Promise.resolve()), 0.99);
    const rows: Row[] = [];
    for (const [what, neighbour] of Object.entries(NEIGHBOURS)) {
      const took = await during(seconds, () => neighbour(world, api));
      const p99 = percentile(took, 0.99);
      rows.push({
        what: `${PER_SECOND} texts a second beside ${what}: p99`,
        measured: `${shown(p99)} ms, at most ${shown(Math.max(...took))} ms (alone ${shown(alone)} ms)`,
        ratio: alone / p99,
        budget: `< ${BUDGET_MS} ms`,
        isMet: p99 < BUDGET_MS,
      });
    }
    return rows;
  } finally {
    await gateway.gateway.kill();
    await other.stop();
    await receiver.stop();
    await simulator.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

function apiOf(url: () => string): Api {
  return async (method, path, body) => {
    const { status, body: answer } = await call(url(), method, path, body);
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer.data;
  };
}

function idOf(webhook: unknown): string {
  const { id, webhook_id: named } = webhook as { readonly id?: string; readonly webhook_id?: string };
  const found = id ?? named;
  if (found === undefined) throw new Error(`A webhook without an id: ${JSON.stringify(webhook)}`);
  return found;
}

/** A past: events of a device, and deliveries of some of them that were given up. */
function fill(
  path: string,
  { webhookId, deviceId, events, deliveries }: {
    readonly webhookId: string;
    readonly deviceId: string;
    readonly events: number;
    readonly deliveries: number;
  },
): void {
  const database = new DatabaseSync(path);
  const numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)";
  const newest = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
  const seq = newest("SELECT max(seq) FROM events") + 1_000;
  const tenantSeq = newest("SELECT max(tenant_seq) FROM events WHERE tenant_id = 'tenant_default'") + 1_000;
  const number = newest("SELECT max(number) FROM deliveries") + 1_000;
  const data = JSON.stringify({
    messageId: "3EB0",
    chat: { kind: "person", jid: "62811@s.whatsapp.net" },
    from: { pn: "62811@s.whatsapp.net", lid: null, pushName: "Budi" },
    fromMe: false,
    sentAt: 1_700_000_000_000,
    content: { kind: "text", text: "long ago" },
  });
  database.exec("PRAGMA foreign_keys = OFF; BEGIN");
  database.prepare(
    `${numbers} INSERT INTO events (seq, tenant_id, tenant_seq, id, type, device_id, at, data)
    SELECT n + ${seq}, 'tenant_default', n + ${tenantSeq}, 'evt_past' || n, 'message.received', '${deviceId}', n, ? FROM n`,
  ).run(events, data);
  database.prepare(
    `${numbers} INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, device_id, name, status,
      blocked, due_at, leased_until, lease_epoch, created_at, updated_at)
    SELECT n + ${number}, 'tenant_default', ?, n + ${seq}, 'evt_past' || n, '${deviceId}', 'message.received', 2, 0,
      n, 0, 1, n, n FROM n`,
  ).run(deliveries, webhookId);
  database.exec(`
    UPDATE sequences SET last = ${seq + events} WHERE name = 'events';
    UPDATE sequences SET last = ${number + deliveries} WHERE name = 'deliveries';
    UPDATE tenants SET last_seq = ${tenantSeq + events} WHERE id = 'tenant_default';
    COMMIT;
  `);
  database.close();
}
