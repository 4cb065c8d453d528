import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { Replay } from "../../../src/store/replays.ts";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

const aReplay = (id: string, change: Partial<Replay> = {}): Replay => ({
  id,
  tenantId: DEFAULT_TENANT,
  status: "running",
  filter: { webhookIds: ["wh_1"], status: "failed", since: 5 },
  total: 40,
  looked: 0,
  replayed: 0,
  after: 0,
  startedAt: T0,
  finishedAt: null,
  ...change,
});

export function replaysContract(name: string, open: Open): void {
  const test = testing(`${name} replays`, open);

  test("come back as they were stored, newest first", async ({ replays }) => {
    const [old, young] = [aReplay("rpl_1"), aReplay("rpl_2", { startedAt: T0 + 1 })];
    await replays.create(old);
    await replays.create(young);

    assertEquals(await replays.get("rpl_1"), old);
    assertEquals(await replays.list(DEFAULT_TENANT, 5), [young, old]);
    assertEquals(await replays.list(DEFAULT_TENANT, 1), [young]);
    assertEquals(await replays.list("tenant_other", 5), []);
    assertEquals(await replays.get("rpl_none"), undefined);
  });

  test("are in one holder's hand at a time", async ({ replays }) => {
    await replays.create(aReplay("rpl_1"));
    const claim = (holder: string, now: number) => replays.claim("rpl_1", { holder, now, until: now + 10 });

    const claims = await Promise.all([claim("a", T0), claim("b", T0)]);
    const kept = await claim("a", T0 + 5);
    const during = await replays.free(T0 + 14, 5);
    const after = await replays.free(T0 + 15, 5);

    assertEquals(claims.map((one) => one?.id), ["rpl_1", undefined]);
    assertEquals(kept?.id, "rpl_1");
    assertEquals(during, []);
    assertEquals(after.map(({ id }) => id), ["rpl_1"]);
    assertEquals((await claim("b", T0 + 15))?.id, "rpl_1");
  });

  test("that are over stay as they were", async ({ replays }) => {
    await replays.create(aReplay("rpl_1"));
    await replays.progress("rpl_1", { looked: 10, replayed: 7, after: 99 });

    const stopped = await replays.finish("rpl_1", "stopped", T0 + 5);
    await replays.progress("rpl_1", { looked: 20, replayed: 17, after: 199 });
    const again = await replays.finish("rpl_1", "done", T0 + 9);

    assertEquals(
      stopped,
      aReplay("rpl_1", {
        status: "stopped",
        looked: 10,
        replayed: 7,
        after: 99,
        finishedAt: T0 + 5,
      }),
    );
    assertEquals(again, stopped);
    assertEquals(await replays.claim("rpl_1", { holder: "a", now: T0 + 99, until: T0 + 100 }), undefined);
    assertEquals(await replays.free(T0 + 99, 5), []);
  });

  test("are removed some time after they ended", async ({ replays }) => {
    await replays.create(aReplay("rpl_old", { status: "done", finishedAt: T0 }));
    await replays.create(aReplay("rpl_running"));

    assertEquals(await replays.prune(T0 + 1, 5), 1);
    assertEquals((await replays.list(DEFAULT_TENANT, 5)).map(({ id }) => id), ["rpl_running"]);
  });
}
