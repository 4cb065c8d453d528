import { assertEquals } from "@std/assert";
import { type Open, testing } from "./contract.ts";

export function settingsContract(name: string, open: Open): void {
  const test = testing(`${name} settings`, open);

  test("give back what was set last", async ({ settings }) => {
    await settings.set("key.hash", "one");
    await settings.set("key.hash", "two");

    assertEquals(await settings.get("key.hash"), "two");
    assertEquals(await settings.get("other"), undefined);
  });

  test("are written to tell whether the store is healthy", async (store) => {
    assertEquals(await store.healthy(), true);
  });
}
