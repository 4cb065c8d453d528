// Memory of a gateway that does nothing: without sessions, and with 1, 20, 50 and 200 of them.
import { wait } from "./load.ts";
import { memoryOf } from "./processes.ts";
import type { Row, Section } from "./table.ts";
import { startLinkedGateway, startSimulator } from "./whatsapp.ts";

export const idle: Section = {
  name: "idle",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const settleMs = quick ? 2_000 : 10_000;
    let linked = await startLinkedGateway(simulator, { dir });
    try {
      await wait(settleMs);
      const without = await memoryOf(linked.gateway.pid);
      const rows: Row[] = [{
        what: "memory, idle, no session",
        measured: `${Math.round(without)} MB`,
        ratio: null,
        budget: "< 130 MB",
        isMet: without < 130,
      }];
      let sessions = 0;
      let withOne = without;
      for (const count of quick ? [1, 20] : [1, 20, 50, 200]) {
        while (sessions < count) {
          await linked.pair();
          sessions++;
        }
        // as after a restart: what pairing needed once is not what a session needs
        await linked.gateway.stop();
        linked = await startLinkedGateway(simulator, { dir });
        await linked.connected(count);
        await wait(settleMs);
        const used = await memoryOf(linked.gateway.pid);
        if (count === 1) withOne = used;
        const each = count === 1 ? used - without : (used - withOne) / (count - 1);
        rows.push({
          what: `memory, idle, ${count} session${count === 1 ? "" : "s"}`,
          measured: `${Math.round(used)} MB (${each.toFixed(1)} MB each${
            count === 1 ? "" : " after the first"
          })`,
          ratio: null,
          budget: count === 1 ? "(loads Baileys)" : "≤ 2 MB each",
          isMet: count === 1 || each <= 2,
        });
      }
      return rows;
    } finally {
      await linked.gateway.kill();
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
