import { assertEquals } from "@std/assert";
import type { Devices } from "../../src/store/devices.ts";
import { createLocalNews } from "../../src/store/local_news.ts";
import type { News } from "../../src/store/news.ts";
import { rememberDevices } from "../../src/store/sql/remembered_devices.ts";
import { TENANTS } from "../../src/store/tenants.ts";
import { openTemporary } from "./temporary.ts";
import { aDevice, T0 } from "./contracts/samples.ts";

/** The devices of a store of its own with one, remembering over a count of what is looked up. */
async function counted(
  body: (devices: Devices, looks: () => number, news: News) => Promise<void>,
): Promise<void> {
  const store = await openTemporary();
  let looks = 0;
  const plain = store.devices;
  const news = createLocalNews();
  const devices = rememberDevices({
    ...plain,
    get: (id) => (looks++, plain.get(id)),
    find: (tenantId, name) => (looks++, plain.find(tenantId, name)),
  }, news);
  try {
    await devices.create(aDevice({ id: "device_a", alias: "shop" }));
    await body(devices, () => looks, news);
  } finally {
    await store.close();
  }
}

Deno.test("remembered devices are looked up once", () =>
  counted(async (devices, looks) => {
    const found = await devices.get("device_a");
    const again = await devices.find(aDevice().tenantId, "device_a");

    assertEquals([found?.alias, again?.alias], ["shop", "shop"]);
    assertEquals(looks(), 1);
  }));

Deno.test("remembered devices are found by their alias without another look, for as long as it is theirs", () =>
  counted(async (devices, looks) => {
    const { tenantId } = aDevice();
    await devices.find(tenantId, "shop");
    const again = await devices.find(tenantId, "shop");
    const ofAnother = await devices.find("tenant_other", "shop");

    assertEquals([again?.id, ofAnother], ["device_a", undefined]);
    assertEquals(looks(), 2);
    await devices.update("device_a", { alias: "office" }, T0);
    assertEquals(await devices.find(tenantId, "shop"), undefined);
    assertEquals((await devices.find(tenantId, "office"))?.id, "device_a");
    await devices.create(aDevice({ id: "device_b", alias: "shop" }));
    assertEquals((await devices.find(tenantId, "shop"))?.id, "device_b");
    await devices.remove("device_b");
    assertEquals(await devices.find(tenantId, "shop"), undefined);
  }));

Deno.test("remembered devices are found by no other tenant, and those that are unknown stay so", () =>
  counted(async (devices) => {
    await devices.get("device_a");

    assertEquals(await devices.find("tenant_other", "device_a"), undefined);
    assertEquals(await devices.get("device_b"), undefined);
    await devices.create(aDevice({ id: "device_b" }));
    assertEquals((await devices.get("device_b"))?.id, "device_b");
  }));

Deno.test("remembered devices are forgotten when they change, and what is read meanwhile is not kept", () =>
  counted(async (devices) => {
    await devices.get("device_a");

    const updating = devices.update("device_a", { alias: "office" }, T0);
    await devices.get("device_a");
    await updating;

    assertEquals((await devices.get("device_a"))?.alias, "office");
    await devices.remove("device_a");
    assertEquals(await devices.get("device_a"), undefined);
  }));

Deno.test("remembered devices are forgotten when tenants change, who may be gone with them", () =>
  counted(async (devices, looks, news) => {
    await devices.get("device_a");

    const told = new Promise<unknown>((resolve) => news.hear(TENANTS, resolve));
    news.tell(TENANTS, aDevice().tenantId);
    await told;
    await devices.get("device_a");

    assertEquals(looks(), 2);
  }));
