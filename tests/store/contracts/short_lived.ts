import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { ShortLivedThing } from "../../../src/store/short_lived.ts";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

const aThing = (id: string, change: Partial<ShortLivedThing> = {}): ShortLivedThing => ({
  kind: "draft",
  id,
  tenantId: DEFAULT_TENANT,
  about: "",
  body: "{}",
  createdAt: T0,
  expiresAt: T0 + 100,
  ...change,
});

export function shortLivedContract(name: string, open: Open): void {
  const test = testing(`${name} short-lived things`, open);

  test("are found until they expire, and replaced", async ({ shortLived }) => {
    await shortLived.put(aThing("a"));
    await shortLived.put(aThing("a", { body: "[1]", expiresAt: T0 + 200, createdAt: T0 + 50 }));

    const kept = aThing("a", { body: "[1]", expiresAt: T0 + 200 });
    assertEquals(await shortLived.get("draft", "a", T0 + 199), kept);
    assertEquals(await shortLived.get("draft", "a", T0 + 200), undefined);
    assertEquals(await shortLived.get("link", "a", T0), undefined);
  });

  test("are found by what they are about, the newest first, and removed by it", async ({ shortLived }) => {
    const [old, young] = [aThing("a", { about: "x" }), aThing("b", { about: "x", createdAt: T0 + 1 })];
    for (const thing of [old, young, aThing("c", { about: "y" })]) await shortLived.put(thing);

    assertEquals(await shortLived.about("draft", "x", T0), young);
    assertEquals(await shortLived.removeAbout("draft", "x"), 2);
    assertEquals(await shortLived.about("draft", "x", T0), undefined);
    assertEquals((await shortLived.about("draft", "y", T0))?.id, "c");
  });

  test("are trimmed to a tenant's newest of a kind", async ({ shortLived }) => {
    for (const [at, id] of ["a", "b", "c"].entries()) {
      await shortLived.put(aThing(id, { createdAt: T0 + at }));
    }
    await shortLived.put(aThing("a", { kind: "link" }));

    await shortLived.trim("draft", DEFAULT_TENANT, 2);

    const left = await Promise.all(["a", "b", "c"].map((id) => shortLived.get("draft", id, T0)));
    assertEquals(left.map((thing) => thing?.id), [undefined, "b", "c"]);
    assertEquals((await shortLived.get("link", "a", T0))?.kind, "link");
  });

  test("are pruned once they have expired, in portions", async ({ shortLived }) => {
    for (const id of ["a", "b", "c"]) await shortLived.put(aThing(id));
    await shortLived.put(aThing("d", { expiresAt: T0 + 500 }));

    assertEquals(await shortLived.prune(T0 + 101, 2), 2);
    assertEquals(await shortLived.prune(T0 + 101, 2), 1);
    assertEquals((await shortLived.get("draft", "d", T0))?.id, "d");
  });
}
