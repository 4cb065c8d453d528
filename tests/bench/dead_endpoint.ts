// One endpoint of fifty hangs: what the other 49 notice of it, in throughput and in the time from publishing to delivery.
import { aDraft, openEngine } from "./engines.ts";
import { clockMs, median, percentile, wait } from "./load.ts";
import { ask, startChild } from "./processes.ts";
import { type Row, type Section, shown } from "./table.ts";

const WEBHOOKS = 50;
const LIVE = WEBHOOKS - 1;
const PER_SECOND = 20;

interface Round {
  /** Deliveries a second to the 49, flat out. */
  readonly rate: number;
  /** From publishing to the first byte, at a steady pace, in ms. */
  readonly p99Ms: number;
}

export const deadEndpoint: Section = {
  name: "dead-endpoint",
  async run({ quick }) {
    const receiver = await startChild("receiver.ts");
    const rounds: { alive: Round[]; dead: Round[] } = { alive: [], dead: [] };
    try {
      for (let round = 0; round < (quick ? 2 : 5); round++) {
        rounds.alive.push(await oneRound(receiver.url, "/live", quick));
        rounds.dead.push(await oneRound(receiver.url, "/hang", quick));
      }
    } finally {
      await receiver.stop();
    }
    const of = (key: keyof Round, which: keyof typeof rounds) => median(rounds[which].map((it) => it[key]));
    const pairs = rounds.dead.map((dead, index) => ({ dead, alive: rounds.alive[index] }));
    const throughput = median(pairs.map(({ dead, alive }) => dead.rate / alive.rate));
    const p99 = median(pairs.map(({ dead, alive }) => alive.p99Ms / dead.p99Ms));
    const rows: Row[] = [{
      what: "one dead endpoint among 50: throughput of the other 49",
      measured: `${shown(of("rate", "dead"))} /s (all alive ${shown(of("rate", "alive"))})`,
      ratio: throughput,
      budget: "≥ 0.9 × all alive",
      isMet: throughput >= 0.9,
    }, {
      what: `one dead endpoint among 50: p99 of the other 49 at ${PER_SECOND * LIVE} /s`,
      measured: `${shown(of("p99Ms", "dead"))} ms (all alive ${shown(of("p99Ms", "alive"))} ms)`,
      ratio: p99,
      budget: "≥ 0.9 × all alive",
      isMet: p99 >= 0.9,
    }];
    return rows;
  },
};

/** `fiftieth` is the path of the webhook that is not measured. */
async function oneRound(url: string, fiftieth: string, quick: boolean): Promise<Round> {
  const dir = await Deno.makeTempDir();
  const { engine, subscribe, [Symbol.asyncDispose]: dispose } = await openEngine(dir);
  try {
    for (let i = 0; i < LIVE; i++) await subscribe({ url: `${url}/when/${i}` });
    await subscribe({ url: `${url}${fiftieth}/dead`, events: ["*"], timeoutMs: 60_000, recovery: false });
    await burst(20);
    const rate = await burst(quick ? 40 : 100);
    const sent = new Map<string, number>();
    const until = performance.now() + (quick ? 2_000 : 5_000);
    while (performance.now() < until) {
      const draft = aDraft();
      sent.set(draft.data.messageId, clockMs());
      await engine.publish(draft);
      await wait(1_000 / PER_SECOND);
    }
    const took = (await arrivals(sent.size)).map(({ id, at }) => at - (sent.get(id) ?? at));
    return { rate, p99Ms: percentile(took, 0.99) };
  } finally {
    await dispose();
    await Deno.remove(dir, { recursive: true });
  }

  /** Publishes events at once; deliveries a second until the 49 have all of them. */
  async function burst(events: number): Promise<number> {
    const startedAt = clockMs();
    await Promise.all(Array.from({ length: events }, () => engine.publish(aDraft())));
    const all = await arrivals(events);
    return all.length / ((Math.max(...all.map(({ at }) => at)) - startedAt) / 1_000);
  }

  async function arrivals(events: number): Promise<readonly { readonly id: string; readonly at: number }[]> {
    const all: { id: string; at: number }[] = [];
    while (all.length < events * LIVE) {
      await wait(20);
      for (const [body, at] of await ask<[string, number][]>(`${url}/when`)) {
        all.push({ id: JSON.parse(body).data.message_id, at });
      }
    }
    return all;
  }
}
