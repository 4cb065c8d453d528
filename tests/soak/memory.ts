import { until } from "../support/until.ts";
import { startGatewayProcess } from "../support/process.ts";
import { INBOUND_ENV, tellOfMessage } from "./inbound.ts";

const CALLERS = 32;
/** Whatever grows with the work shows after this part of it; what comes before is warming up. */
const WARM_UP = 0.25;

export interface MemoryReport {
  readonly deliveries: number;
  readonly perSecond: number;
  /** Memory in use (MB), at a twentieth of the deliveries each. */
  readonly residentMb: readonly number[];
  /** How much more it is at the end than after warming up, in MB; noise is a few. */
  readonly growthMb: number;
}

/** Delivers many events and watches the memory of the process. */
export async function watchMemory(deliveries: number): Promise<MemoryReport> {
  const dir = await Deno.makeTempDir();
  let received = 0;
  const receiver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.body?.cancel();
    received++;
    return new Response("ok");
  });
  const env = {
    ...INBOUND_ENV,
    WEBHOOK_URL: `http://127.0.0.1:${receiver.addr.port}/`,
    LOG_LEVEL: "warning",
  };
  const gateway = await startGatewayProcess({ dir, env });
  const residentMb: number[] = [];
  const started = performance.now();
  let sent = 0;

  const work = async () => {
    while (sent < deliveries) {
      const number = ++sent;
      const status = await tellOfMessage(gateway.url, `3EB0${number}`);
      if (status !== 200) throw new Error(`Cannot go on: a webhook was answered ${status}`);
      if (number % Math.ceil(deliveries / 20) === 0) residentMb.push(await residentOf(gateway.url));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  await until(() => received >= deliveries, "every delivery", 120_000);
  const seconds = (performance.now() - started) / 1000;
  await gateway.stop();
  await receiver.shutdown();
  await Deno.remove(dir, { recursive: true });
  return {
    deliveries,
    perSecond: Math.round(deliveries / seconds),
    residentMb,
    growthMb: residentMb.at(-1)! - residentMb[Math.floor(residentMb.length * WARM_UP)],
  };
}

async function residentOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1];
  return Math.round(Number(bytes) / 1_000_000);
}
