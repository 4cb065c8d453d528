// Durable delivery against a bare loop of POSTs with the same HTTP client to the same receiver; its memory over many.
import { aDraft, barePost, bareRequest, IN_FLIGHT, openEngine } from "./engines.ts";
import { compare, perSecond } from "./load.ts";
import { CpuPerPiece, cpuShown, startChild } from "./processes.ts";
import { ratioRow, type Section } from "./table.ts";

export const delivery: Section = {
  name: "delivery",
  async run({ quick }) {
    const receiver = await startChild("receiver.ts");
    const dir = await Deno.makeTempDir();
    const bench = await openEngine(dir);
    const post = barePost(`${receiver.url}/bare`, JSON.stringify(aDraft()));
    const total = quick ? 2_000 : 6_000;
    const request = bareRequest(`${receiver.url}/bare`, JSON.stringify(aDraft()));
    const pid = Deno.pid;
    const cpu = { bare: new CpuPerPiece(pid), request: new CpuPerPiece(pid), ours: new CpuPerPiece(pid) };
    const load = (work: () => Promise<void>, used: CpuPerPiece) => () =>
      used.during(total, () => perSecond(total, IN_FLIGHT, work));
    try {
      await bench.subscribe({ url: `${receiver.url}/hook` });
      await perSecond(4_000, IN_FLIGHT, post);
      await perSecond(4_000, IN_FLIGHT, request);
      await perSecond(4_000, IN_FLIGHT, bench.deliver);
      const rounds = quick ? 3 : 9;
      const ours = load(bench.deliver, cpu.ours);
      const toDispatch = await compare(rounds, load(post, cpu.bare), ours);
      const besides = cpuShown(cpu.ours, cpu.bare);
      const toRequest = await compare(rounds, load(request, cpu.request), ours);
      return [
        ratioRow("durable delivery, 64 in flight, 400-byte events", toDispatch, { atLeast: 0.35, besides }),
        ratioRow("the same, against undici's request() instead of its dispatch()", toRequest, {
          atLeast: 0.55,
          besides: cpuShown(cpu.ours, cpu.request),
        }),
      ];
    } finally {
      await bench[Symbol.asyncDispose]();
      await receiver.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
