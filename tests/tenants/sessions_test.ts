import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { hashKey } from "../../src/tenants/keys.ts";
import { createSessions, type Sessions } from "../../src/tenants/sessions.ts";
import { openTemporary } from "../store/temporary.ts";

const HOUR_MS = 3_600_000;
const FIREFOX = { address: "192.0.2.1", userAgent: "Firefox" };

async function setUp(options: { readonly apiAuth?: "on" | "off"; readonly masterKey?: string } = {}) {
  const store = await openTemporary();
  const { tenants, signIns } = store;
  const clock = { now: 1_000_000_000_000 };
  await tenants.setKeyHash(DEFAULT_TENANT, hashKey(`key of ${DEFAULT_TENANT}`), clock.now);
  const other = { id: "tenant_2", name: "Toko Maju", status: "active", createdAt: 1, updatedAt: 1 } as const;
  await tenants.create(other, hashKey("key of tenant_2"));
  const sessionsWith = (masterKey: string | undefined) =>
    createSessions({ signIns, tenants, masterKey, apiAuth: options.apiAuth ?? "on", now: () => clock.now });
  return {
    tenants,
    clock,
    sessionsWith,
    sessions: sessionsWith(options.masterKey),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

async function tokenOf(sessions: Sessions, key = `key of ${DEFAULT_TENANT}`): Promise<string> {
  const result = await sessions.signIn(key, FIREFOX);
  if (!result.ok) throw new Error(result.reason);
  return result.token;
}

Deno.test("sessions show their tenant's pages to whoever carries the token", async () => {
  await using it = await setUp();
  const token = await tokenOf(it.sessions, "key of tenant_2");

  const visit = await it.sessions.visitOf(token);

  assertEquals([visit?.tenant.id, visit?.isOperator, visit?.isStandIn], ["tenant_2", false, false]);
  assertEquals(await it.sessions.visitOf("another"), undefined);
  assertEquals(await it.sessions.visitOf(undefined), undefined);
});

Deno.test("sessions refuse a wrong key, and after five from one address make it wait out the minute", async () => {
  await using it = await setUp();
  for (let n = 0; n < 5; n++) {
    assertEquals(await it.sessions.signIn("wrong", FIREFOX), { ok: false, reason: "unknown" });
  }
  it.clock.now += 20_000;

  assertEquals(await it.sessions.signIn(`key of ${DEFAULT_TENANT}`, FIREFOX), {
    ok: false,
    reason: "wait",
    waitMs: 40_000,
  });
  assertEquals((await it.sessions.signIn("key of tenant_2", { ...FIREFOX, address: "192.0.2.2" })).ok, true);
  it.clock.now += 40_000;
  assertEquals((await it.sessions.signIn(`key of ${DEFAULT_TENANT}`, FIREFOX)).ok, true);
});

Deno.test("sessions count one IPv6 network as one address", async () => {
  await using it = await setUp();
  for (let n = 0; n < 5; n++) {
    await it.sessions.signIn("wrong", { ...FIREFOX, address: `2001:db8:1:2::${n + 1}` });
  }

  const same = await it.sessions.signIn("wrong", { ...FIREFOX, address: "2001:db8:1:2:ffff::1" });
  const other = await it.sessions.signIn("wrong", { ...FIREFOX, address: "2001:db8:1:3::1" });

  assertEquals(same.ok || same.reason, "wait");
  assertEquals(other.ok || other.reason, "unknown");
});

Deno.test("sessions end after 12 hours without a page", async () => {
  await using it = await setUp();
  const token = await tokenOf(it.sessions);
  it.clock.now += 11 * HOUR_MS;
  assertNotEquals(await it.sessions.visitOf(token), undefined);
  it.clock.now += 11 * HOUR_MS;
  assertNotEquals(await it.sessions.visitOf(token), undefined);

  it.clock.now += 12 * HOUR_MS + 1;

  assertEquals(await it.sessions.visitOf(token), undefined);
});

Deno.test("sessions end after 30 days, however often they are seen", async () => {
  await using it = await setUp();
  let token: string | undefined = await tokenOf(it.sessions);
  for (let hours = 0; hours < 30 * 24; hours += 10) {
    const visit = await it.sessions.visitOf(token);
    assertNotEquals(visit, undefined, `after ${hours} h`);
    token = visit?.newToken ?? token;
    it.clock.now += 10 * HOUR_MS;
  }
  it.clock.now += 10 * HOUR_MS;

  assertEquals(await it.sessions.visitOf(token), undefined);
});

Deno.test("sessions get a new token daily; the one before serves requests on their way for a minute", async () => {
  await using it = await setUp();
  const token = await tokenOf(it.sessions);
  for (const _ of [1, 2]) {
    it.clock.now += 11 * HOUR_MS;
    assertEquals((await it.sessions.visitOf(token))?.newToken, undefined);
  }
  it.clock.now += 3 * HOUR_MS;

  const fresh = (await it.sessions.visitOf(token))?.newToken;

  assertNotEquals(fresh, undefined);
  assertEquals((await it.sessions.visitOf(token))?.newToken, undefined);
  assertNotEquals(await it.sessions.visitOf(token), undefined);
  it.clock.now += 61_000;
  assertEquals(await it.sessions.visitOf(token), undefined);
  assertNotEquals(await it.sessions.visitOf(fresh), undefined);
});

Deno.test("sessions end when their key is replaced", async () => {
  await using it = await setUp();
  const token = await tokenOf(it.sessions);

  await it.tenants.setKeyHash(DEFAULT_TENANT, hashKey("another"), it.clock.now);

  assertEquals(await it.sessions.visitOf(token), undefined);
});

Deno.test("sessions of the operator end when the master key is another", async () => {
  await using it = await setUp({ masterKey: "sesame" });
  const token = await tokenOf(it.sessions, "sesame");

  assertEquals((await it.sessions.visitOf(token))?.isOperator, true);
  assertEquals(await it.sessionsWith("another").visitOf(token), undefined);
});

Deno.test("sessions end when their tenant is suspended, and its key opens none", async () => {
  await using it = await setUp();
  const token = await tokenOf(it.sessions, "key of tenant_2");

  await it.tenants.update("tenant_2", { status: "suspended" }, it.clock.now);

  assertEquals(await it.sessions.visitOf(token), undefined);
  assertEquals(await it.sessions.signIn("key of tenant_2", FIREFOX), { ok: false, reason: "suspended" });
});

Deno.test("sessions let the operator see a tenant's pages, and back", async () => {
  await using it = await setUp({ masterKey: "sesame" });
  const own = await it.sessions.visitOf(await tokenOf(it.sessions, "sesame"));

  const standIn = await it.sessions.visitOf(await it.sessions.standIn(own!, "tenant_2"));

  assertEquals([standIn?.tenant.id, standIn?.isOperator, standIn?.isStandIn], ["tenant_2", true, true]);
  const back = await it.sessions.visitOf(await it.sessions.leave(standIn!));
  assertEquals([back?.tenant.id, back?.isStandIn], [DEFAULT_TENANT, false]);
  assertEquals(back?.session?.id, own?.session?.id);
});

Deno.test("sessions of a tenant open no other tenant's pages", async () => {
  await using it = await setUp({ masterKey: "sesame" });
  const own = await it.sessions.visitOf(await tokenOf(it.sessions, "key of tenant_2"));

  await assertRejects(() => it.sessions.standIn(own!, DEFAULT_TENANT), NotFoundError);
});

Deno.test("sessions of one's own can be listed and ended, others' not", async () => {
  await using it = await setUp();
  const here = await it.sessions.visitOf(await tokenOf(it.sessions));
  const elsewhere = await tokenOf(it.sessions);
  const foreign = await it.sessions.visitOf(await tokenOf(it.sessions, "key of tenant_2"));

  assertEquals((await it.sessions.list(here!)).length, 2);
  await assertRejects(() => it.sessions.end(here!, foreign!.session!.id), NotFoundError);
  assertEquals(await it.sessions.endOthers(here!), 1);
  assertEquals(await it.sessions.visitOf(elsewhere), undefined);
  assertEquals((await it.sessions.list(foreign!)).length, 1);
});

Deno.test("sessions are not asked for where nobody has to sign in", async () => {
  await using it = await setUp({ apiAuth: "off" });

  const visit = await it.sessions.visitOf(undefined);

  assertEquals([visit?.tenant.id, visit?.session], [DEFAULT_TENANT, null]);
});
