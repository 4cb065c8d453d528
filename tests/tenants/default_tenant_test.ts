import { join } from "node:path";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { defaultKeyShown, ensureDefaultTenant } from "../../src/tenants/default_tenant.ts";
import { hashKey } from "../../src/tenants/keys.ts";

async function setUp() {
  const folder = await Deno.makeTempDir();
  const store: Store = openSqliteStore({ path: join(folder, "logs.db") });
  return {
    store,
    start: (apiKey?: string, apiAuth: "on" | "off" = "on") =>
      ensureDefaultTenant({ ...store, apiKey, apiAuth, now: () => 1_000 }),
    opens: async (key: string) => (await store.tenants.byKeyHash(hashKey(key)))?.id === "tenant_default",
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("default tenant gets a key at the first start, and keeps it", async () => {
  await using gateway = await setUp();

  const made = await gateway.start();
  await defaultKeyShown(gateway.store.settings);
  const again = await gateway.start();

  assert(made !== null && await gateway.opens(made));
  assertEquals(again, null);
});

Deno.test("default tenant gets another key when nobody has seen the first", async () => {
  await using gateway = await setUp();
  const unseen = await gateway.start();

  const made = await gateway.start();

  assert(unseen !== null && made !== null);
  assertEquals([await gateway.opens(unseen), await gateway.opens(made)], [false, true]);
});

Deno.test("default tenant has the key of the environment", async () => {
  await using gateway = await setUp();

  const made = await gateway.start("mine");
  const changed = await gateway.start("mine2");

  assertEquals([made, changed], [null, null]);
  assertEquals([await gateway.opens("mine"), await gateway.opens("mine2")], [false, true]);
});

Deno.test("default tenant's key stops when it is taken out of the environment", async () => {
  await using gateway = await setUp();
  await gateway.start("mine");

  const made = await gateway.start();

  assert(made !== null && await gateway.opens(made));
  assertEquals(await gateway.opens("mine"), false);
});

Deno.test("default tenant needs no key while nobody is asked for one", async () => {
  await using gateway = await setUp();

  const off = await gateway.start(undefined, "off");
  const on = await gateway.start(undefined, "on");

  assertEquals(off, null);
  assert(on !== null && await gateway.opens(on));
});

Deno.test("default tenant's key of the environment stops even while nobody is asked for one", async () => {
  await using gateway = await setUp();
  await gateway.start("mine");

  await gateway.start(undefined, "off");

  assertEquals(await gateway.opens("mine"), false);
});

Deno.test("default tenant cannot have another tenant's key", async () => {
  await using gateway = await setUp();
  const tenant = { id: "tenant_2", name: "Two", status: "active", createdAt: 1, updatedAt: 1 } as const;
  await gateway.store.tenants.create(tenant, hashKey("theirs"));

  await assertRejects(() => gateway.start("theirs"), Error, "tenant_2");
});
