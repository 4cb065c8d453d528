// A million pending deliveries: how long the store and the engine take to start over them, and in how much memory. The
// webhook's endpoint hangs, so that the backlog stays.
import { DatabaseSync } from "node:sqlite";
import { aDraft, openEngine } from "./engines.ts";

import { type Section, shown } from "./table.ts";
import { memoryOf, startChild } from "./processes.ts";

const BACKLOG = 1_000_000;

/** Run in a process of its own: opens the engine on a folder, prints `{ms, rssMb}` and ends. */
async function openOn(dir: string): Promise<void> {
  const startedAt = performance.now();
  const bench = await openEngine(dir);
  const ms = performance.now() - startedAt;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const held = bench.engine.dispatcher.load().held;
  console.log(JSON.stringify({ ms, held, rssMb: await memoryOf(Deno.pid) }));
  Deno.exit(0);
}

export const backlog: Section = {
  name: "backlog",
  async run({ quick }) {
    const count = quick ? BACKLOG / 10 : BACKLOG;
    const dir = await Deno.makeTempDir();
    const receiver = await startChild("receiver.ts");
    try {
      const bench = await openEngine(dir);
      const webhook = await bench.subscribe({ url: `${receiver.url}/hang`, timeoutMs: 60_000 });
      await bench.engine.publish(aDraft());
      await bench[Symbol.asyncDispose]();
      const without = await inProcess(dir);
      fill(`${dir}/logs.db`, webhook.id, count);
      const over = await inProcess(dir);
      const grown = over.rssMb - without.rssMb;
      return [{
        what: `start over ${count.toLocaleString("en")} pending deliveries`,
        measured: `${shown(over.ms)} ms (without ${shown(without.ms)} ms)`,
        ratio: null,
        budget: "< 2,000 ms",
        isMet: over.ms < 2_000,
      }, {
        what: `memory over ${count.toLocaleString("en")} pending deliveries`,
        measured: `${Math.round(over.rssMb)} MB, ${over.held} held (without ${Math.round(without.rssMb)} MB)`,
        ratio: null,
        budget: "≤ +20 MB",
        isMet: grown <= 20,
      }];
    } finally {
      await receiver.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
};

async function inProcess(dir: string): Promise<{ ms: number; rssMb: number; held: number }> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", dir],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot measure: the process failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Adds pending deliveries of the one event that is there, all due. */
function fill(path: string, webhookId: string, count: number): void {
  const database = new DatabaseSync(path);
  database.prepare(`
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
    INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, device_id, name, status, blocked,
      due_at, leased_until, lease_epoch, created_at, updated_at)
    SELECT n + 10, 'tenant_default', ?, 1, (SELECT id FROM events), 'device_bench', 'message.received', 0, 0,
      n, 0, 1, n, n FROM n`).run(count, webhookId);
  database.exec(`UPDATE sequences SET last = ${count + 20} WHERE name = 'deliveries'`);
  database.close();
}

if (import.meta.main) await openOn(Deno.args[0]);
