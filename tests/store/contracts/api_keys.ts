import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { ApiKey } from "../../../src/store/api_keys.ts";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

const anApiKey = (id: string, change: Partial<ApiKey> = {}): ApiKey => ({
  id,
  tenantId: DEFAULT_TENANT,
  name: "Assistant",
  scopes: ["read", "send"],
  deviceIds: ["device_a"],
  readChats: ["628000000142@s.whatsapp.net"],
  sendChats: null,
  createdAt: T0,
  expiresAt: T0 + 9,
  lastUsedAt: null,
  ...change,
});

export function apiKeysContract(name: string, open: Open): void {
  const test = testing(`${name} named keys`, open);

  test("come back as they were stored, newest first", async ({ apiKeys }) => {
    const old = anApiKey("key_1");
    const young = anApiKey("key_2", { scopes: ["manage"], deviceIds: null, expiresAt: null });
    await apiKeys.create(old, "hash of old");
    await apiKeys.create(young, "hash of young");

    assertEquals(await apiKeys.byHash("hash of old"), old);
    assertEquals(await apiKeys.byHash("hash of none"), undefined);
    assertEquals(await apiKeys.list(DEFAULT_TENANT), [young, old]);
    assertEquals(await apiKeys.list("tenant_other"), []);
  });

  test("note a use, unless one was noted lately", async ({ apiKeys }) => {
    await apiKeys.create(anApiKey("key_1"), "hash");

    await apiKeys.used("key_1", { now: T0 + 100, unless: T0 + 40 });
    await apiKeys.used("key_1", { now: T0 + 150, unless: T0 + 90 });
    const soon = await apiKeys.byHash("hash");
    await apiKeys.used("key_1", { now: T0 + 170, unless: T0 + 110 });
    const later = await apiKeys.byHash("hash");

    assertEquals([soon?.lastUsedAt, later?.lastUsedAt], [T0 + 100, T0 + 170]);
  });

  test("are removed by their own tenant only", async ({ apiKeys, tenants }) => {
    const tenant = { id: "tenant_b", name: "B", status: "active", createdAt: T0, updatedAt: T0 } as const;
    await tenants.create(tenant, "hash of b");
    await apiKeys.create(anApiKey("key_1"), "hash 1");
    await apiKeys.create(anApiKey("key_2", { tenantId: "tenant_b" }), "hash 2");

    const foreign = await apiKeys.remove("tenant_b", "key_1");
    const own = await apiKeys.remove(DEFAULT_TENANT, "key_1");
    await tenants.remove("tenant_b");

    assertEquals([foreign, own], [false, true]);
    assertEquals(await apiKeys.byHash("hash 1"), undefined);
    assertEquals(await apiKeys.byHash("hash 2"), undefined); // it went with its tenant
  });
}
