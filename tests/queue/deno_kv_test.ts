import { assertEquals } from "@std/assert";
import { openDenoKvQueue } from "../../src/queue/deno_kv.ts";
import { until } from "../support/until.ts";
import { queueContract } from "./contracts/queue.ts";

queueContract("Deno KV queue", async () => {
  const dir = await Deno.makeTempDir();
  const queue = await openDenoKvQueue(`${dir}/kv.db`);
  return {
    queue,
    close: async () => {
      await queue.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
});

Deno.test("Deno KV queue rings after a restart what was set before it", async () => {
  const dir = await Deno.makeTempDir();
  const before = await openDenoKvQueue(`${dir}/kv.db`);
  await before.enqueue({ deliveryNumber: 7, attempt: 2 }, { delayMs: 200 });
  await before.close();

  const after = await openDenoKvQueue(`${dir}/kv.db`);
  const rung: number[] = [];
  after.listen(({ deliveryNumber }) => void rung.push(deliveryNumber));

  await until(() => rung.length > 0, "the alarm");
  assertEquals(rung, [7]);
  await after.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("Deno KV queue is silent about what is no alarm", async () => {
  const dir = await Deno.makeTempDir();
  const kv = await Deno.openKv(`${dir}/kv.db`);
  for (const strange of [null, "7", [7], { deliveryNumber: 7 }, { deliveryNumber: "7", attempt: 1 }]) {
    await kv.enqueue(strange);
  }
  kv.close();

  const queue = await openDenoKvQueue(`${dir}/kv.db`);
  const rung: unknown[] = [];
  queue.listen((alarm) => void rung.push(alarm));
  await queue.enqueue({ deliveryNumber: 8, attempt: 1 }, { delayMs: 200 });

  await until(() => rung.length > 0, "the alarm");
  assertEquals(rung, [{ deliveryNumber: 8, attempt: 1 }]);
  await queue.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("Deno KV queue sets a damaged file aside and starts anew", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/kv.db`, "this is not a database, whatever its name says".repeat(100));

  const queue = await openDenoKvQueue(`${dir}/kv.db`);

  const rung: number[] = [];
  queue.listen(({ deliveryNumber }) => void rung.push(deliveryNumber));
  await queue.enqueue({ deliveryNumber: 7, attempt: 2 }, { delayMs: 0 });
  await until(() => rung.length > 0, "the alarm");
  const names = [...Deno.readDirSync(dir)].map(({ name }) => name);
  assertEquals(names.some((name) => name.startsWith("kv.db.broken-")), true);
  await queue.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("Deno KV queue keeps its file private", async () => {
  const dir = await Deno.makeTempDir();

  const queue = await openDenoKvQueue(`${dir}/kv.db`);

  const { mode } = await Deno.stat(`${dir}/kv.db`);
  if (Deno.build.os !== "windows") assertEquals((mode ?? 0) & 0o777, 0o600);
  await queue.close();
  await Deno.remove(dir, { recursive: true });
});
