import { assertEquals } from "@std/assert";
import type { Tenant, Tenants } from "../../src/store/tenants.ts";
import { createLocalNews } from "../../src/store/local_news.ts";
import { rememberTenants } from "../../src/store/sql/remembered_tenants.ts";
import { TENANTS } from "../../src/store/tenants.ts";
import { openTemporary } from "./temporary.ts";
import { aTenant, T0 } from "./contracts/samples.ts";

const refused = () => Promise.reject(new Error("Not asked for here"));
const unused: Tenants = {
  create: refused,
  get: refused,
  list: refused,
  count: refused,
  update: refused,
  remove: refused,
  setKeyHash: refused,
  keyHashOf: refused,
  byKeyHash: refused,
};

/** The tenants of a store of its own, remembering over a count of what is looked up. */
async function counted(body: (tenants: Tenants, looks: () => number) => Promise<void>): Promise<void> {
  const store = await openTemporary();
  let looks = 0;
  const plain = store.tenants;
  const tenants = rememberTenants({
    ...plain,
    get: (id) => (looks++, plain.get(id)),
    byKeyHash: (hash) => (looks++, plain.byKeyHash(hash)),
    keyHashOf: (id) => (looks++, plain.keyHashOf(id)),
  }, { news: createLocalNews() });
  try {
    await body(tenants, () => looks);
  } finally {
    await store.close();
  }
}

Deno.test("remembered tenants are looked up once", () =>
  counted(async (tenants, looks) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash-1");

    for (let i = 0; i < 5; i++) {
      assertEquals(await tenants.byKeyHash("hash-1"), tenant);
      assertEquals(await tenants.keyHashOf(tenant.id), "hash-1");
      assertEquals(await tenants.get(tenant.id), tenant);
    }

    assertEquals(looks(), 3);
  }));

Deno.test("remembered tenants tell of what is not there each time", () =>
  counted(async (tenants, looks) => {
    await tenants.byKeyHash("guess");
    await tenants.byKeyHash("guess");

    assertEquals(looks(), 2);
  }));

Deno.test("remembered tenants follow each change", () =>
  counted(async (tenants) => {
    const tenant = aTenant();
    const known = async (hash: string) => {
      const owner = await tenants.byKeyHash(hash);
      const found = await tenants.get(tenant.id);
      return [owner?.status, await tenants.keyHashOf(tenant.id), found?.name];
    };
    await known("hash-1");

    await tenants.create(tenant, "hash-1");
    assertEquals(await known("hash-1"), ["active", "hash-1", tenant.name]);
    await tenants.update(tenant.id, { name: "Warung", status: "suspended" }, T0);
    assertEquals(await known("hash-1"), ["suspended", "hash-1", "Warung"]);
    await tenants.setKeyHash(tenant.id, "hash-2", T0);
    assertEquals(await known("hash-1"), [undefined, "hash-2", "Warung"]);
    assertEquals(await known("hash-2"), ["suspended", "hash-2", "Warung"]);
    await tenants.remove(tenant.id);
    assertEquals(await known("hash-2"), [undefined, undefined, undefined]);
  }));

Deno.test("remembered tenants do not keep what was looked up while it changed", async () => {
  const tenant = aTenant();
  const looked = Promise.withResolvers<typeof tenant | undefined>();
  let answer: () => Promise<typeof tenant | undefined> = () => looked.promise;
  const tenants = rememberTenants({
    ...unused,
    byKeyHash: () => answer(),
    setKeyHash: () => Promise.resolve(true),
  }, { news: createLocalNews() });
  const looking = tenants.byKeyHash("hash-1");
  await tenants.setKeyHash(tenant.id, "hash-2", T0);
  looked.resolve(tenant);
  await looking;

  answer = () => Promise.resolve(undefined);

  assertEquals(await tenants.byKeyHash("hash-1"), undefined);
});

Deno.test("remembered tenants are looked up again when another opening of the store tells of a change", async () => {
  const news = createLocalNews();
  const tenant = aTenant();
  let owner: Tenant | undefined = tenant;
  const tenants = rememberTenants({ ...unused, byKeyHash: () => Promise.resolve(owner) }, { news });
  const before = await tenants.byKeyHash("hash-1");
  const told = Promise.withResolvers<void>();
  news.hear(TENANTS, () => told.resolve());

  owner = undefined;
  news.tell(TENANTS, tenant.id);
  await told.promise;

  assertEquals([before, await tenants.byKeyHash("hash-1")], [tenant, undefined]);
});

Deno.test("remembered tenants are believed only so long where news may get lost", async () => {
  const tenant = aTenant();
  let owner: Tenant | undefined = tenant;
  let time = 0;
  const tenants = rememberTenants(
    { ...unused, byKeyHash: () => Promise.resolve(owner) },
    { news: createLocalNews(), maxAgeMs: 2_000, monotonic: () => time },
  );
  await tenants.byKeyHash("hash-1");

  owner = undefined;
  time = 2_000;
  const still = await tenants.byKeyHash("hash-1");
  time = 2_001;
  const late = await tenants.byKeyHash("hash-1");

  assertEquals([still, late], [tenant, undefined]);
});
