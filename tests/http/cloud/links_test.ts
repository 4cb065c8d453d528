import { assertEquals } from "@std/assert";
import { createLinks } from "../../../src/http/cloud/links.ts";

const MINUTE = 60_000;

/** Links of two gateways on one store, or of one before and after a restart. */
function setUp() {
  const rows = new Map<string, string>();
  const settings = {
    get: (name: string) => Promise.resolve(rows.get(name)),
    set: (name: string, value: string) => Promise.resolve(void rows.set(name, value)),
  };
  const clock = { now: 1_700_000_000_000 };
  const make = () => createLinks({ now: () => clock.now, settings, alone: (work) => work() });
  return { clock, make };
}

function queryOf(path: string): Record<string, string> {
  return Object.fromEntries(new URL(path, "http://kabar.example").searchParams);
}

Deno.test("a link that one gateway signed is good at another, and after a restart", async () => {
  const { make } = setUp();

  const path = await make().pathOf("tenant_a", "42");

  assertEquals(await make().tenantOf("42", queryOf(path)), "tenant_a");
});

Deno.test("a link is good for five minutes, one file and one tenant", async () => {
  const { clock, make } = setUp();
  const links = make();
  const query = queryOf(await links.pathOf("tenant_a", "42"));

  assertEquals(await links.tenantOf("43", query), undefined);
  assertEquals(await links.tenantOf("42", { ...query, tenant: "tenant_b" }), undefined);
  assertEquals(await links.tenantOf("42", { ...query, expires: String(clock.now + 10 * MINUTE) }), undefined);
  assertEquals(await links.tenantOf("42", {}), undefined);
  clock.now += 5 * MINUTE - 1;
  assertEquals(await links.tenantOf("42", query), "tenant_a");
  clock.now += 1;
  assertEquals(await links.tenantOf("42", query), undefined);
});
