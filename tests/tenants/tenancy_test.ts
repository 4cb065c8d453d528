import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../src/errors.ts";
import { createTenancy, type TenancyChange } from "../../src/tenants/tenancy.ts";
import { setUpHttp } from "../support/http.ts";

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
