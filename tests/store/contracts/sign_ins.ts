import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { SignIn } from "../../../src/store/sign_ins.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";

function aSignIn(id: string, other: Partial<SignIn> = {}): SignIn {
  return {
    id,
    tokenHash: `hash of ${id}`,
    formerTokenHash: null,
    tokenAt: 1_000,
    tenantId: DEFAULT_TENANT,
    isOperator: false,
    parentId: null,
    keyMark: "mark",
    userAgent: "Firefox",
    address: "127.0.0.1",
    createdAt: 1_000,
    seenAt: 1_000,
    ...other,
  };
}

async function withTenant({ tenants }: Store, id: string): Promise<void> {
  await tenants.create({ id, name: id, status: "active", createdAt: 1, updatedAt: 1 }, `key of ${id}`);
}

export function signInsContract(name: string, open: Open): void {
  const test = testing(`${name} sign-ins`, open);

  test("are found by their token and by the one before", async (store) => {
    await store.signIns.create(aSignIn("ses_1"));
    await store.signIns.update("ses_1", {
      tokenHash: "new",
      formerTokenHash: "hash of ses_1",
      tokenAt: 2_000,
    });

    const expected = aSignIn("ses_1", { tokenHash: "new", formerTokenHash: "hash of ses_1", tokenAt: 2_000 });
    assertEquals(await store.signIns.byToken("new"), expected);
    assertEquals(await store.signIns.byToken("hash of ses_1"), expected);
    assertEquals(await store.signIns.byToken("other"), undefined);
  });

  test("are listed by tenant and for the operator, the one seen last first", async (store) => {
    await withTenant(store, "tenant_2");
    await store.signIns.create(aSignIn("ses_1"));
    await store.signIns.create(aSignIn("ses_2", { seenAt: 3_000 }));
    await store.signIns.create(aSignIn("ses_3", { isOperator: true }));
    await store.signIns.create(aSignIn("ses_4", { tenantId: "tenant_2" }));
    const idsOf = async (whose: Parameters<typeof store.signIns.list>[0]) =>
      (await store.signIns.list(whose)).map(({ id }) => id);

    assertEquals(await idsOf({ tenantId: DEFAULT_TENANT }), ["ses_2", "ses_1"]);
    assertEquals(await idsOf({ tenantId: "tenant_2" }), ["ses_4"]);
    assertEquals(await idsOf("operator"), ["ses_3"]);
  });

  test("end with those that were opened out of them", async (store) => {
    await store.signIns.create(aSignIn("ses_1", { isOperator: true }));
    await store.signIns.create(aSignIn("ses_2", { isOperator: true, parentId: "ses_1" }));

    assertEquals(await store.signIns.remove("ses_1"), true);

    assertEquals(await store.signIns.get("ses_2"), undefined);
    assertEquals(await store.signIns.remove("ses_1"), false);
  });

  test("end with their tenant", async (store) => {
    await withTenant(store, "tenant_2");
    await store.signIns.create(aSignIn("ses_1", { tenantId: "tenant_2" }));

    await store.tenants.remove("tenant_2");

    assertEquals(await store.signIns.get("ses_1"), undefined);
  });

  test("end when they were not seen, or opened too long ago", async (store) => {
    await store.signIns.create(aSignIn("ses_idle", { createdAt: 5_000, seenAt: 5_000 }));
    await store.signIns.create(aSignIn("ses_old", { createdAt: 1_000, seenAt: 9_000 }));
    await store.signIns.create(aSignIn("ses_kept", { createdAt: 5_000, seenAt: 9_000 }));

    assertEquals(await store.signIns.prune({ seenAt: 6_000, createdAt: 2_000 }), 2);

    assertEquals((await store.signIns.list({ tenantId: DEFAULT_TENANT })).map(({ id }) => id), ["ses_kept"]);
  });
}
