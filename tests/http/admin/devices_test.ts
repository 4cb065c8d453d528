import { noProxies } from "../../support/no_proxies.ts";
import { assertEquals } from "@std/assert";
import { createDeviceService } from "../../../src/devices/devices.ts";
import { createAdminDeviceRoutes } from "../../../src/http/admin/devices.ts";
import { createTenancy } from "../../../src/tenants/tenancy.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";
import { FakeLines } from "../../support/lines.ts";

function setUp(): Promise<TestHttp> {
  return setUpHttp({
    keyed(store) {
      const now = Date.now;
      const lines = new FakeLines(store.devices);
      const devices = createDeviceService({
        ...store,
        lines,
        countryCode: "62",
        proxies: noProxies,
        paced: () => {},
        now,
      });
      const tenancy = createTenancy({
        ...store,
        defaultKeyIsSetting: true,
        beforeRemove: () => Promise.resolve(),
        now,
      });
      const routes = createAdminDeviceRoutes({
        devices,
        tenancy: { get: async (id) => await (await tenancy).get(id) },
      });
      return [{ at: "/admin", routes }];
    },
  });
}

Deno.test("/admin/tenants/:id/devices makes, lists and deletes a tenant's devices", async () => {
  await using http = await setUp();
  const { id, key } = await http.anotherTenant();
  const path = `/admin/tenants/${id}/devices`;

  const made = await http.admin("POST", path, { label: "Kasir" });
  const deviceId = made.at("data.device.id");
  const listed = await http.admin("GET", path);
  const gone = await http.admin("DELETE", `${path}/${deviceId}`);

  assertEquals([made.status, made.at("data.device.tenant_id")], [201, id]);
  assertEquals([listed.at("data.total"), listed.at("data.devices.0.id")], [1, deviceId]);
  assertEquals([gone.status, gone.at("data.deleted")], [200, true]);
  assertEquals((await http.ask("GET", "/v1/webhooks", { key })).status, 200);
});

Deno.test("/admin/tenants/:id/devices answers 404 for a tenant that does not exist", async () => {
  await using http = await setUp();

  const unknown = await http.admin("POST", "/admin/tenants/tenant_none/devices", { label: "Kasir" });

  assertEquals(unknown.status, 404);
});
