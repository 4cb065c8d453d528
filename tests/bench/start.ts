// How long a gateway takes to be ready, and after kill -9 until all of 20 sessions are online again.
import { startGatewayProcess } from "../support/process.ts";
import { clockMs, median, wait } from "./load.ts";
import { type Section, shown } from "./table.ts";
import { startLinkedGateway, startSimulator } from "./whatsapp.ts";

const SESSIONS = 20;

export const start: Section = {
  name: "start",
  async run({ quick }) {
    const dir = await Deno.makeTempDir();
    const simulator = await startSimulator();
    const rounds = quick ? 2 : 5;
    try {
      const first = await startGatewayProcess({ dir: `${dir}` });
      await first.stop();
      const toReady: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const startedAt = clockMs();
        const gateway = await startGatewayProcess({ dir });
        toReady.push((clockMs() - startedAt) / 1_000);
        await gateway.kill();
      }

      let linked = await startLinkedGateway(simulator, { dir });
      for (let i = 0; i < SESSIONS; i++) await linked.pair();
      const toOnline: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await linked.gateway.kill();
        while (await simulator.tell<number>({ do: "connected" }) > 0) await wait(20);
        const startedAt = clockMs();
        linked = await startLinkedGateway(simulator, { dir });
        await linked.connected(SESSIONS);
        toOnline.push((clockMs() - startedAt) / 1_000);
      }
      await linked.gateway.kill();
      const ready = median(toReady);
      const online = median(toOnline);
      return [{
        what: "start to /ready",
        measured: `${shown(ready)} s`,
        ratio: null,
        budget: "< 0.35 s",
        isMet: ready < 0.35,
      }, {
        what: `after kill -9: all of ${SESSIONS} sessions online again`,
        measured: `${shown(online)} s`,
        ratio: null,
        budget: "< 1.5 s",
        isMet: online < 1.5,
      }];
    } finally {
      await simulator.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};
