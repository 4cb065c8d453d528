import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../src/errors.ts";
import { createTenancy, type TenancyChange } from "../../src/tenants/tenancy.ts";
import { setUpHttp } from "../support/http.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { until } from "../support/until.ts";

const deps = { defaultKeyIsSetting: false, beforeRemove: () => Promise.resolve(), now: Date.now };

Deno.test("tenancy knows after a restart who is suspended", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  await http.tenancy.suspend(id);

  const restarted = await createTenancy({ ...http.store, ...deps });

  assertEquals([restarted.isSuspended(id), restarted.isSuspended("tenant_default")], [true, false]);
});

Deno.test("tenancy tells once who was suspended, let in and removed", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  const changes: TenancyChange[] = [];
  const stop = http.tenancy.onChange((change) => changes.push(change));

  await http.tenancy.suspend(id);
  await http.tenancy.activate(id);
  await http.tenancy.activate(id);
  await http.tenancy.remove(id);
  stop();

  assertEquals(changes.map(({ what }) => what), ["suspended", "activated", "removed"]);
});

Deno.test("tenancy ends what runs for a tenant before it is removed", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  const seen: (string | undefined)[] = [];
  const tenancy = await createTenancy({
    ...http.store,
    ...deps,
    beforeRemove: async (removing) => {
      seen.push((await http.store.tenants.get(removing))?.id);
    },
  });

  await tenancy.remove(id);

  assertEquals(seen, [id]);
  await assertRejects(() => tenancy.get(id), NotFoundError);
});

Deno.test("tenancy looks every second what another gateway did with a tenant, where it does not hear of it", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  const clock = createManualClock();
  const changes: string[] = [];
  const deaf = { hear: () => () => {}, hearsOthers: false };
  const other = await createTenancy({ ...http.store, ...deps, news: deaf, clock });
  other.onChange(({ what }) => changes.push(what));

  for (const change of ["suspend", "activate"] as const) {
    await http.tenancy[change](id);
    await clock.advance(1_000);
    await until(() => changes.at(-1)?.startsWith(change), "it has seen that");
  }
  other.stop();

  assertEquals([changes, clock.waits()], [["suspended", "activated"], []]);
});

Deno.test("tenancy ends the rights of a key that is rotated, and not those of the next one", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  const before = http.tenancy.rightsOf(id);

  await http.tenancy.rotateKey(id);
  const after = http.tenancy.rightsOf(id);
  await http.tenancy.rename(id, "Toko");

  assertEquals([before.aborted, after.aborted], [true, false]);
});

Deno.test("tenancy follows what another gateway does with a tenant", async () => {
  await using http = await setUpHttp();
  const { id } = await http.anotherTenant();
  const changes: string[] = [];
  const other = await createTenancy({ ...http.store, ...deps });
  other.onChange(({ what }) => changes.push(what));
  const rights = other.rightsOf(id);
  const heard = (what: string) => until(() => changes.at(-1) === what, `it hears of ${what}`);

  await http.tenancy.rotateKey(id);
  await heard("key_rotated");
  await http.tenancy.suspend(id);
  await heard("suspended");
  await http.tenancy.activate(id);
  await heard("activated");
  other.rightsOf(id);
  await http.tenancy.remove(id);
  await heard("removed");

  assertEquals(rights.aborted, true);
  assertEquals(changes, ["key_rotated", "suspended", "activated", "removed"]);
});
