import { assertEquals } from "@std/assert";
import { createOutward } from "../../src/devices/outward.ts";
import type { Session } from "../../src/whatsapp/session.ts";

const SESSION = {} as Session; // nothing is asked of it here

function setUp() {
  const suspended = new Set<string>();
  const steps: string[] = [];
  const outward = createOutward({
    supervisor: {
      get: () => SESSION,
      tenantOf: (id) => `tenant of ${id}`,
      logout: (id) => Promise.resolve(void steps.push(`logout, open: ${outward.sessionOf(id) === SESSION}`)),
      remove: (id) => Promise.resolve(void steps.push(`remove, open: ${outward.sessionOf(id) === SESSION}`)),
    },
    isSuspended: (tenantId) => suspended.has(tenantId),
    abandon: (id) => Promise.resolve(void steps.push(`abandon ${id}`)),
  });
  return { outward, suspended, steps };
}

Deno.test("outward gives no session of a suspended tenant's device, and gives those of others", () => {
  const { outward, suspended } = setUp();

  suspended.add("tenant of a");

  assertEquals([outward.sessionOf("a"), outward.sessionOf("b")], [undefined, SESSION]);
});

Deno.test("outward gives no session of a device while it is unlinked", async () => {
  const { outward, steps } = setUp();

  await outward.logout("a");

  assertEquals(steps, ["logout, open: false"]);
  assertEquals(outward.sessionOf("a"), SESSION);
});

Deno.test("outward gives up what waits for a device before it is removed, and what came meanwhile", async () => {
  const { outward, steps } = setUp();

  await outward.remove("a");

  assertEquals(steps, ["abandon a", "remove, open: false", "abandon a"]);
});
