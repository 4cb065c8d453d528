import { assertEquals, assertRejects } from "@std/assert";
import { createProxies } from "../../src/devices/proxies.ts";
import { InvalidError } from "../../src/errors.ts";
import { createGuard } from "../../src/net/guard.ts";
import { ProxyError } from "../../src/net/proxy.ts";
import type { OpenOptions, SessionDraft, SessionEvents, Sessions } from "../../src/whatsapp/session.ts";
import { aDevice } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

/** A device with a proxy by name, and what its name leads to. */
async function setUp(address: string, tenantId = "tenant_default") {
  const kept = await temporaryStore();
  const { devices, deviceProxies, tenants } = kept.store;
  if (tenantId !== "tenant_default") {
    const { aTenant } = await import("../store/contracts/samples.ts");
    await tenants.create({ ...aTenant(), id: tenantId }, "hash");
  }
  await devices.create(aDevice({ tenantId }));
  const guard = createGuard({
    allowPrivate: false,
    lookup: () => Promise.resolve([{ address, family: 4 }]),
  });
  const proxies = createProxies({ deviceProxies, devices, guard, now: () => 5 });
  await proxies.save("device_1", proxies.check(tenantId, "socks5://u:secret@proxy.example"));
  const opened: (OpenOptions | undefined)[] = [];
  const told: SessionDraft[] = [];
  const sessions: Sessions = {
    open(_, __, options) {
      opened.push(options);
      return Promise.reject(new Error("opened"));
    },
  };
  const events = {
    happened: (drafts: readonly SessionDraft[]) => Promise.resolve(void told.push(...drafts)),
  } as unknown as SessionEvents;
  return {
    proxies,
    opened,
    told,
    open: () => proxies.through(sessions).open("device_1", events),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

Deno.test("a session is opened with the address that was checked", async () => {
  await using test = await setUp("203.0.113.9");

  await assertRejects(test.open, Error, "opened");

  assertEquals(test.opened[0]?.proxy?.address, "203.0.113.9");
});

Deno.test("a tenant's proxy may not be at a private address, by number or by a name that leads there", async () => {
  await using test = await setUp("10.0.0.7", "tenant_b");
  const check = (url: string, tenantId: string) => Promise.try(() => test.proxies.check(tenantId, url));

  const error = await assertRejects(() => check("http://10.0.0.7:3128", "tenant_b"), InvalidError);
  const operators = await check("http://10.0.0.7:3128", "tenant_default");
  await assertRejects(test.open, ProxyError, "leads to no public address");

  assertEquals([error.field, operators.host], ["proxy", "10.0.0.7"]);
  assertEquals(test.opened, []);
  assertEquals(test.told.map(({ type }) => type), ["device.proxy_failed"]);
  assertEquals(JSON.stringify(test.told).includes("secret"), false);
});
