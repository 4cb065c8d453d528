// Memory over many deliveries: what is kept after the first tenth, and after all of them.
import { IN_FLIGHT, openEngine } from "./engines.ts";
import { perSecond } from "./load.ts";
import { startChild } from "./processes.ts";
import type { Section } from "./table.ts";

const MOST_GROWTH_MB = 30;

export const memory: Section = {
  name: "memory",
  async run({ quick }) {
    const receiver = await startChild("receiver.ts");
    const dir = await Deno.makeTempDir();
    const bench = await openEngine(dir);
    const total = quick ? 20_000 : 200_000;
    try {
      await bench.subscribe({ url: `${receiver.url}/hook` });
      await perSecond(total / 10, IN_FLIGHT, bench.deliver);
      const early = keptMb();
      await perSecond(total - total / 10, IN_FLIGHT, bench.deliver);
      const grown = keptMb() - early;
      const rss = Math.round(Deno.memoryUsage().rss / 1e6);
      return [{
        what: `memory over ${total.toLocaleString("en")} deliveries`,
        measured: `heap ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB (resident ${rss} MB)`,
        ratio: null,
        budget: `flat (≤ +${MOST_GROWTH_MB} MB)`,
        isMet: grown <= MOST_GROWTH_MB,
      }];
    } finally {
      await bench[Symbol.asyncDispose]();
      await receiver.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

/** What the heap holds, after a collection when the process was started with `--v8-flags=--expose-gc`. */
function keptMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / 1e6;
}
