// Texts out by HTTP, ten at once, against a loop of sendMessage in bare Baileys, ten at once.
import { call } from "../support/process.ts";
import { compare, perSecond } from "./load.ts";
import { CpuPerPiece, cpuShown } from "./processes.ts";
import { ratioRow, type Row, type Section, shown } from "./table.ts";
import { startBare } from "./texts_in.ts";
import { startLinkedGateway, startSimulator } from "./whatsapp.ts";

const AT_ONCE = 10;
/** Members of a group beside us. */
const MEMBERS = 500;

export const textsOut: Section = {
  name: "texts-out",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const { gateway, pair } = await startLinkedGateway(simulator, { dir });
    const bare = await startBare(simulator);
    try {
      const { id, number } = await pair();
      const http = (to: string, count: number) =>
        perSecond(count, AT_ONCE, async (index) => {
          const sent = await call(gateway.url, "POST", `/v1/devices/${id}/messages/text`, {
            to,
            text: `text ${index}`,
          });
          if (sent.status !== 200) throw new Error(`Not sent: ${JSON.stringify(sent.body)}`);
        });
      const { contact: to } = simulator;
      const count = quick ? 200 : 1_000;
      const loop = () => bare.tell<number>({ do: "send", to: `${to}@s.whatsapp.net`, count, width: AT_ONCE });
      await loop();
      await http(to, count);
      const cpu = { ours: new CpuPerPiece(gateway.pid), bare: new CpuPerPiece(bare.pid) };
      const compared = await compare(
        quick ? 3 : 5,
        () => cpu.bare.during(count, loop),
        () => cpu.ours.during(count, () => http(to, count)),
      );
      const besides = cpuShown(cpu.ours, cpu.bare);
      const texts = ratioRow(`WhatsApp texts out by HTTP, ${AT_ONCE} at once`, compared, {
        atLeast: 0.7,
        besides,
      });

      const group = await simulator.tell<string>({ do: "group", phone: number, others: MEMBERS });
      const toGroup = quick ? 30 : 200;
      const used = { first: new CpuPerPiece(gateway.pid), later: new CpuPerPiece(gateway.pid) };
      await used.first.during(1, () => http(group, 1)); // every member gets our sender key
      const rate = await used.later.during(toGroup, () => http(group, toGroup));
      const row: Row = {
        what: `WhatsApp texts out to a group of ${MEMBERS}, ${AT_ONCE} at once`,
        measured: `${shown(rate)}/s, ${Math.round(used.later.each)} µs CPU each; the first ${
          Math.round(used.first.each / 1_000)
        } ms`,
        ratio: null,
        budget: "(none)",
        isMet: true,
      };
      return [texts, row];
    } finally {
      await gateway.kill();
      await bare.stop();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
