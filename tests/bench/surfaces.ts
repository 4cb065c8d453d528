// What other ways of speaking cost: the format `cloud` beside `device`, sends by Graph and by MCP beside sends by /v1.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { call } from "../support/process.ts";
import { IN_FLIGHT, openEngine } from "./engines.ts";
import { compare, perSecond, wait } from "./load.ts";
import { CpuPerPiece, startChild } from "./processes.ts";
import { type BenchOptions, type Row, type Section, shown } from "./table.ts";
import { startLinkedGateway, startSimulator } from "./whatsapp.ts";

/** Sends by another surface may cost the gateway this much more CPU time than by /v1. */
const MORE_US = 2_000;

export const surfaces: Section = {
  name: "surfaces",
  run: async (options) => [...await formats(options), ...await sends(options)],
};

async function formats({ quick }: BenchOptions): Promise<readonly Row[]> {
  const receiver = await startChild("receiver.ts");
  const dirs = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir()]);
  const [device, cloud] = await Promise.all(dirs.map(openEngine));
  const total = quick ? 2_000 : 6_000;
  try {
    await device.subscribe({ url: `${receiver.url}/device` });
    await cloud.subscribe({ url: `${receiver.url}/cloud`, format: "cloud", events: ["messages"] });
    const load = (deliver: () => Promise<void>) => () => perSecond(total, IN_FLIGHT, deliver);
    await load(device.deliver)();
    await load(cloud.deliver)();
    const compared = await compare(quick ? 3 : 9, load(device.deliver), load(cloud.deliver));
    return [{
      what: "durable delivery in the format cloud, against the format device",
      measured: `${shown(compared.ours)} /s (device ${shown(compared.bare)})`,
      ratio: compared.ratio,
      budget: "≥ 0.9 × device",
      isMet: compared.ratio >= 0.9,
    }];
  } finally {
    await Promise.all([device, cloud].map((engine) => engine[Symbol.asyncDispose]()));
    await receiver.stop();
    await Promise.all(dirs.map((dir) => Deno.remove(dir, { recursive: true })));
  }
}

async function sends({ quick }: BenchOptions): Promise<readonly Row[]> {
  const dir = await Deno.makeTempDir();
  const simulator = await startSimulator();
  const { gateway, pair } = await startLinkedGateway(simulator, { dir });
  try {
    const { id, number } = await pair();
    const to = simulator.contact;
    const ok = async (path: string, body: unknown) => {
      const { status, body: answer } = await call(gateway.url, "POST", path, body);
      if (status >= 300) throw new Error(`Not taken: ${JSON.stringify(answer)}`);
      return answer;
    };
    const key = await ok("/v1/keys", { name: "Bench", scopes: ["read", "send"] });
    const client = new Client({ name: "bench", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const headers = { Authorization: `Bearer ${key.data.api_key}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL("/mcp", gateway.url), { requestInit: { headers } }),
    );
    const text = (index: number) => `text ${index}`;
    let keys = 0;
    const ways = {
      v1: (index: number) => ok(`/v1/devices/${id}/messages/text`, { to, text: text(index) }),
      graph: (index: number) =>
        ok(`/graph/v23.0/${number}/messages`, {
          messaging_product: "whatsapp",
          to,
          text: { body: text(index) },
        }),
      mcp: async (index: number) => {
        const input = {
          device: id,
          chat: `${to}@s.whatsapp.net`,
          text: text(index),
          idempotencyKey: `bench-send-${++keys}`,
        };
        const { isError } = await client.callTool({ name: "send_text", arguments: input });
        if (isError === true) throw new Error("Not sent by MCP");
      },
    };
    const count = quick ? 100 : 300;
    /** Until the contact has them all: Graph answers before a message has left. */
    const arrived = async (work: (index: number) => Promise<unknown>) => {
      await simulator.tell({ do: "got" });
      await perSecond(count, 1, work);
      let got = 0;
      while (got < count) {
        got += await simulator.tell<number>({ do: "got" });
        if (got < count) await wait(10);
      }
    };
    const cpu = {
      v1: new CpuPerPiece(gateway.pid),
      graph: new CpuPerPiece(gateway.pid),
      mcp: new CpuPerPiece(gateway.pid),
    };
    for (const work of Object.values(ways)) await arrived(work);
    for (let round = 0; round < (quick ? 2 : 4); round++) {
      for (const [name, used] of Object.entries(cpu)) {
        await used.during(count, () => arrived(ways[name as keyof typeof ways]));
      }
    }
    await client.close();
    return (["graph", "mcp"] as const).map((name) => ({
      what: `CPU time of a text sent by /${name}, against /v1`,
      measured: `${Math.round(cpu[name].each)} µs (/v1 ${Math.round(cpu.v1.each)})`,
      ratio: cpu[name].each / cpu.v1.each,
      budget: `< ${MORE_US} µs more`,
      isMet: cpu[name].each - cpu.v1.each < MORE_US,
    }));
  } finally {
    await gateway.kill();
    await simulator.stop();
    await Deno.remove(dir, { recursive: true });
  }
}
