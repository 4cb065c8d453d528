import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";
import { INBOUND_ENV, tellOfMessage } from "./inbound.ts";

const HANGING = 30;
const EVENTS = 60;

export interface SlowReport {
  /** Clients that were in the middle of their request all the time, and got their answer when they were done. */
  readonly slowClientsServed: number;
  /** Events that reached the one receiver that answers, while the others hang. */
  readonly delivered: number;
  /** How long the slowest request took, of those who are not slow. */
  readonly slowestRequestMs: number;
  readonly slowestDeliveryMs: number;
}

/** Clients that send a byte now and then, and receivers that never answer: what do the others notice of them? */
export async function besetBySlowness(clients: number): Promise<SlowReport> {
  const dir = await Deno.makeTempDir();
  const good = await startReceiver();
  const hanging = await startReceiver("hang");
  const gateway = await startGatewayProcess({ dir, env: { ...INBOUND_ENV, LOG_LEVEL: "error" } });
  const subscribe = (url: string) =>
    call(gateway.url, "POST", "/v1/webhooks", { url, events: ["message.received"], format: "device" });
  for (let i = 0; i < HANGING; i++) await subscribe(`${hanging.url}/${i}`);
  await subscribe(good.url);
  const slow = await Promise.all(Array.from({ length: clients }, () => startSlowClient(gateway.url)));

  let slowestRequestMs = 0;
  const sentAt = new Map<string, number>();
  for (let i = 0; i < EVENTS; i++) {
    const started = performance.now();
    const id = `3EB0${i}`;
    sentAt.set(id, Date.now());
    const status = await tellOfMessage(gateway.url, id);
    if (status !== 200) throw new Error(`Cannot go on: a webhook was answered ${status}`);
    slowestRequestMs = Math.max(slowestRequestMs, performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until(() => good.requests.length >= EVENTS, "every event at the receiver that answers", 30_000);
  const slowestDeliveryMs = Math.max(
    ...good.requests.map(({ json, receivedAt }) => receivedAt - (sentAt.get(json.data.message_id) ?? 0)),
  );
  const answers = await Promise.all(slow.map((client) => client.finish()));
  await gateway.kill();
  await good.stop();
  await hanging.stop();
  await Deno.remove(dir, { recursive: true });
  return {
    slowClientsServed: answers.filter((answer) => answer.startsWith("HTTP/1.1 200")).length,
    delivered: new Set(good.requests.map(({ json }) => json.data.message_id)).size,
    slowestRequestMs,
    slowestDeliveryMs,
  };
}

/** A client that sends its request a few bytes at a time, until it is told to finish. */
async function startSlowClient(url: string) {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const body = JSON.stringify({ hello: "x".repeat(500) });
  const head = `POST /webhooks/qiscus HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  let rest = new TextEncoder().encode(head + body);
  const send = async (count: number) => {
    const written = await connection.write(rest.subarray(0, count));
    rest = rest.subarray(written);
  };
  await send(50);
  const timer = setInterval(() => {
    if (rest.length > 10) void send(1);
  }, 500);
  return {
    async finish(): Promise<string> {
      clearInterval(timer);
      while (rest.length > 0) await send(rest.length);
      return await new Response(connection.readable).text();
    },
  };
}
