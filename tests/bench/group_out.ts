// Texts out to a large group: the first, for which everybody needs our sender key, and those after it. Every member is a
// phone of the simulator that opens each text and tells that it came, so the network is the slower side by far.
import { CpuPerPiece } from "./processes.ts";
import { type Section, shown } from "./table.ts";
import { startLinkedGateway, startSimulator, textsByHttp } from "./whatsapp.ts";

/** Members of the group beside us. */
const MEMBERS = 500;
const AT_ONCE = 2;

export const groupOut: Section = {
  name: "group-out",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const { gateway, pair } = await startLinkedGateway(simulator, { dir });
    try {
      const { id, number } = await pair();
      const to = await simulator.tell<string>({ do: "group", phone: number, others: MEMBERS });
      const texts = (count: number) => textsByHttp(gateway.url, id, { to, count, atOnce: AT_ONCE });
      const count = quick ? 10 : 50;
      const used = { first: new CpuPerPiece(gateway.pid), later: new CpuPerPiece(gateway.pid) };
      await used.first.during(1, () => texts(1));
      const rate = await used.later.during(count, () => texts(count));
      const [first, later] = [Math.round(used.first.each / 1_000), Math.round(used.later.each)];
      return [{
        what: `WhatsApp texts out to a group of ${MEMBERS}, ${AT_ONCE} at once, with the receipts that come`,
        measured: `${shown(rate)}/s, ${later} µs CPU each; the first ${first} ms`,
        ratio: null,
        budget: "(none)",
        isMet: true,
      }];
    } finally {
      await gateway.kill();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
