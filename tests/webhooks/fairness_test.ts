import { assertEquals, assertRejects } from "@std/assert";
import { BusyError } from "../../src/errors.ts";
import { aText, runEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { startReceiver } from "../support/receiver.ts";
import { clockAt } from "../support/manual_clock.ts";

const OTHER = "tenant_hanging";

/** Takes connections and never answers. */
function startHanging() {
  const open: Deno.Conn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const conn of listener) open.push(conn);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    open,
    [Symbol.dispose]() {
      listener.close();
      for (const conn of open) conn.close();
    },
  };
}

Deno.test("deliveries of a tenant go out while another's hang and have taken every place", async () => {
  using hanging = startHanging();
  const receiver = await startReceiver();
  // The clock stands still, so that no request becomes a slow one that leaves its place to others.
  const at = Date.now();
  await using running = await runEngine({ concurrency: 8, clock: clockAt(() => at) });
  const tenant = { id: OTHER, name: "Hanging", status: "active", createdAt: at, updatedAt: at } as const;
  await running.store.tenants.create(tenant, "its hash");
  for (let i = 0; i < 40; i++) {
    await running.subscribe({ tenantId: OTHER, url: `${hanging.url}${i}`, timeoutMs: 60_000 });
  }
  await running.subscribe({ url: receiver.url, ordering: "device" });
  await running.engine.publish({ ...aText("hang"), tenantId: OTHER });
  await until(() => hanging.open.length >= 8, "all places are taken");

  for (let i = 0; i < 20; i++) await running.engine.publish(aText(`quick ${i}`));

  const requests = await receiver.waitFor(20);
  assertEquals(
    requests.map(({ json }) => json.data.text),
    Array.from({ length: 20 }, (_, i) => `quick ${i}`),
  );
  assertEquals(hanging.open.length, 8);
  await receiver.stop();
});

Deno.test("a request that is no delivery takes a place, and is refused when there is none in time", async () => {
  using hanging = startHanging();
  const at = Date.now();
  await using running = await runEngine({ concurrency: 1, clock: clockAt(() => at) });
  const request = { headers: {}, body: "{}", timeoutMs: 300, tenantId: OTHER };
  const hangs = running.engine.attempt({ ...request, url: hanging.url, timeoutMs: 20_000 });
  await until(() => hanging.open.length === 1, "the only place is taken");

  await assertRejects(() => running.engine.attempt({ ...request, url: hanging.url }), BusyError);
  const receiver = await startReceiver();
  const others = { ...request, url: receiver.url, timeoutMs: 60_000, tenantId: "tenant_default" };
  const other = await running.engine.attempt(others);

  assertEquals(other.ok, true);
  hanging.open[0].close();
  hanging.open.length = 0;
  assertEquals((await hangs).ok, false);
  await receiver.stop();
});
