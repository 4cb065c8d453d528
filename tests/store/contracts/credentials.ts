import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice } from "./samples.ts";

export function credentialsContract(name: string, open: Open): void {
  const test = testing(`${name} credentials`, open);

  async function aStoredDevice({ devices }: Store): Promise<string> {
    const device = aDevice();
    await devices.create(device);
    return device.id;
  }

  test("give back what was saved last", async (store) => {
    const id = await aStoredDevice(store);

    assertEquals(await store.credentials.load(id), undefined);
    await store.credentials.save(id, "one");
    await store.credentials.save(id, "two");

    assertEquals(await store.credentials.load(id), "two");
  });

  test("give the keys that exist", async (store) => {
    const [id, other] = [await aStoredDevice(store), await aStoredDevice(store)];
    await store.credentials.setKeys(id, [
      { type: "session", id: "a", value: "1" },
      { type: "session", id: "b", value: "2" },
      { type: "pre-key", id: "a", value: "3" },
    ]);
    await store.credentials.setKeys(other, [{ type: "session", id: "a", value: "4" }]);

    const found = await store.credentials.keys(id, "session", ["a", "b", "c"]);

    assertEquals([...found].sort(), [["a", "1"], ["b", "2"]]);
    assertEquals([...await store.credentials.keys(id, "session", ["a"])], [["a", "1"]]);
    assertEquals((await store.credentials.keys(id, "session", [])).size, 0);
  });

  test("replace and remove keys in one go, the last entry of a key counting", async (store) => {
    const id = await aStoredDevice(store);
    const entry = (key: string, value: string | null) => ({ type: "session", id: key, value });
    await store.credentials.setKeys(id, [entry("a", "1"), entry("b", "2")]);

    await store.credentials.setKeys(id, [
      entry("a", null),
      entry("b", "3"),
      entry("c", "4"),
      entry("c", "5"),
    ]);

    const found = await store.credentials.keys(id, "session", ["a", "b", "c"]);
    assertEquals([...found].sort(), [["b", "3"], ["c", "5"]]);
  });

  test("take and give a thousand keys at once", async (store) => {
    const id = await aStoredDevice(store);
    const entries = Array.from(
      { length: 1_000 },
      (_, i) => ({ type: "pre-key", id: `${i}`, value: `v${i}` }),
    );

    await store.credentials.setKeys(id, entries);

    const found = await store.credentials.keys(id, "pre-key", entries.map((entry) => entry.id));
    assertEquals(found.size, 1_000);
    assertEquals(found.get("999"), "v999");
  });

  test("are forgotten when cleared, those of others not", async (store) => {
    const [id, other] = [await aStoredDevice(store), await aStoredDevice(store)];
    for (const each of [id, other]) {
      await store.credentials.save(each, "creds");
      await store.credentials.setKeys(each, [{ type: "session", id: "a", value: "1" }]);
    }

    await store.credentials.clear(id);

    assertEquals(await store.credentials.load(id), undefined);
    assertEquals((await store.credentials.keys(id, "session", ["a"])).size, 0);
    assertEquals(await store.credentials.load(other), "creds");
    assertEquals((await store.credentials.keys(other, "session", ["a"])).size, 1);
  });

  test("keep who a device is when their ratchets are forgotten", async (store) => {
    const [id, other] = [await aStoredDevice(store), await aStoredDevice(store)];
    const types = [
      "session",
      "sender-key",
      "sender-key-memory",
      "pre-key",
      "app-state-sync-key",
      "lid-mapping",
    ];
    for (const each of [id, other]) {
      await store.credentials.save(each, "creds");
      await store.credentials.setKeys(each, types.map((type) => ({ type, id: "a", value: type })));
    }

    await store.credentials.forgetRatchets();

    for (const each of [id, other]) {
      const kept = await Promise.all(types.map((type) => store.credentials.keys(each, type, ["a"])));
      assertEquals(kept.map(({ size }) => size), [0, 0, 0, 1, 1, 1]);
      assertEquals(await store.credentials.load(each), "creds");
    }
  });

  test("of a device that does not exist are refused", async ({ credentials }) => {
    const entries = [{ type: "session", id: "a", value: "1" }];

    await assertRejects(() => credentials.save("device_x", "creds"), NotFoundError, "device_x");
    await assertRejects(() => credentials.setKeys("device_x", entries), NotFoundError, "device_x");
  });
}
