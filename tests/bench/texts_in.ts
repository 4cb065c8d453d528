// WhatsApp texts into a gateway: how long until the webhook's request arrives, and how many a second through one session,
// webhook included, against what bare Baileys decrypts.
import { call } from "../support/process.ts";
import type { BareCommand } from "./bare_baileys.ts";
import { clockMs, compare, median, percentile, wait } from "./load.ts";
import { ask, type Child, CpuPerPiece, cpuShown, startChild } from "./processes.ts";
import { ratioRow, type Row, type Section, shown } from "./table.ts";
import { type PairedDevice, type SimulatorProcess, startLinkedGateway, startSimulator } from "./whatsapp.ts";

export const SESSIONS = 20;
const PER_SECOND = 100;

export const textsIn: Section = {
  name: "texts-in",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const receiver = await startChild("receiver.ts");
    const { gateway, pair } = await startLinkedGateway(simulator, { dir });
    const bare = await startBare(simulator);
    try {
      await call(gateway.url, "POST", "/v1/webhooks", {
        url: `${receiver.url}/when`,
        events: ["message.received"],
        format: "device",
      });
      const devices: PairedDevice[] = [];
      while (devices.length < SESSIONS) devices.push(await pair());
      const latency = await latencyRow(simulator, receiver, devices, { quick, p50Ms: 2.5, p99Ms: 6 });
      const count = quick ? 500 : 2_000;
      const cpu = { ours: new CpuPerPiece(gateway.pid), bare: new CpuPerPiece(bare.pid) };
      const rate = (to: string, used: CpuPerPiece, last: () => Promise<number>) =>
        used.during(count, async () => {
          const startedAt = await simulator.tell<number>({ do: "burst", to, count });
          return count / ((await last() - startedAt) / 1_000);
        });
      const lastArrival = async () => Math.max(...(await arrivals(receiver, count)).map(([, at]) => at));
      const compared = await compare(
        quick ? 3 : 5,
        () => rate(bare.number, cpu.bare, () => bare.tell({ do: "decrypted", count })),
        () => rate(devices[0].number, cpu.ours, lastArrival),
      );
      const what = "WhatsApp texts in through one session, webhook included";
      return [latency, ratioRow(what, compared, { atLeast: 1.1, besides: cpuShown(cpu.ours, cpu.bare) })];
    } finally {
      await gateway.kill();
      await bare.stop();
      await receiver.stop();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

/** Bare Baileys in a process of its own, linked. */
export async function startBare(simulator: SimulatorProcess) {
  const child = await startChild("bare_baileys.ts", [simulator.url, simulator.rootKey]);
  const tell = <T>(command: BareCommand) => ask<T>(child.url, command);
  const qr = await tell<string>({ do: "qr" });
  const number = await simulator.tell<string>({ do: "scan", qr });
  await tell({ do: "open" });
  return { number, tell, pid: child.pid, stop: child.stop };
}

/** How long texts take from the simulator to the receiver; the budget as given. */
export async function latencyRow(
  simulator: SimulatorProcess,
  receiver: Child,
  devices: readonly PairedDevice[],
  { quick, p50Ms, p99Ms }: { readonly quick: boolean; readonly p50Ms: number; readonly p99Ms: number },
): Promise<Row> {
  const to = devices.map(({ number }) => number);
  await simulator.tell({ do: "send", to, count: 5 * SESSIONS, perSecond: PER_SECOND });
  await arrivals(receiver, 5 * SESSIONS);
  const rounds: { readonly p50: number; readonly p99: number }[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    const count = PER_SECOND * 5;
    await simulator.tell({ do: "send", to, count, perSecond: PER_SECOND });
    const took = (await arrivals(receiver, count)).map(([body, at]) =>
      at - Number(/sent at ([\d.]+)/.exec(body)?.[1])
    );
    rounds.push({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
  }
  const p50 = median(rounds.map((round) => round.p50));
  const p99 = median(rounds.map((round) => round.p99));
  return {
    what: `WhatsApp text in to first byte of the POST, ${PER_SECOND}/s over ${SESSIONS} sessions`,
    measured: `p50 ${shown(p50)} ms, p99 ${shown(p99)} ms`,
    ratio: null,
    budget: `p50 < ${p50Ms} ms, p99 < ${p99Ms} ms`,
    isMet: p50 < p50Ms && p99 < p99Ms,
  };
}

/** The next requests that a receiver gets with these words, with their times. */
export async function arrivals(
  receiver: Child,
  count: number,
  saying = "",
): Promise<readonly (readonly [string, number])[]> {
  const all: [string, number][] = [];
  const deadline = clockMs() + 120_000;
  while (all.length < count) {
    if (clockMs() > deadline) throw new Error(`Only ${all.length} of ${count} requests came`);
    await wait(50);
    const came = await ask<[string, number][]>(`${receiver.url}/when`);
    all.push(...came.filter(([body]) => body.includes(saying)));
  }
  return all;
}
