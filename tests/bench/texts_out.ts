// Texts out by HTTP, ten at once, against a loop of sendMessage in bare Baileys, ten at once.
import { compare } from "./load.ts";
import { CpuPerPiece, cpuShown } from "./processes.ts";
import { ratioRow, type Section } from "./table.ts";
import { startBare } from "./texts_in.ts";
import { startLinkedGateway, startSimulator, textsByHttp } from "./whatsapp.ts";

const AT_ONCE = 10;

export const textsOut: Section = {
  name: "texts-out",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const { gateway, pair } = await startLinkedGateway(simulator, { dir });
    const bare = await startBare(simulator);
    try {
      const { id } = await pair();
      const { contact: to } = simulator;
      const count = quick ? 200 : 1_000;
      const http = () => textsByHttp(gateway.url, id, { to, count, atOnce: AT_ONCE });
      const loop = () => bare.tell<number>({ do: "send", to: `${to}@s.whatsapp.net`, count, width: AT_ONCE });
      await loop();
      await http();
      const cpu = { ours: new CpuPerPiece(gateway.pid), bare: new CpuPerPiece(bare.pid) };
      const compared = await compare(
        quick ? 3 : 5,
        () => cpu.bare.during(count, loop),
        () => cpu.ours.during(count, http),
      );
      const besides = cpuShown(cpu.ours, cpu.bare);
      const texts = ratioRow(`WhatsApp texts out by HTTP, ${AT_ONCE} at once`, compared, {
        atLeast: 0.8,
        besides,
      });
      return [texts];
    } finally {
      await gateway.kill();
      await bare.stop();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
