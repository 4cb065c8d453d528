import { noProxies } from "../../support/no_proxies.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createDeviceService, type DeviceService } from "../../../src/devices/devices.ts";
import { createInstanceRoutes } from "../../../src/http/instances/instances.ts";
import { createRegistry } from "../../../src/webhooks/registry.ts";
import { createGuard } from "../../../src/net/guard.ts";
import { createSubscriptions, type Subscriptions } from "../../../src/webhooks/subscriptions.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";
import { FakeLines } from "../../support/lines.ts";

type InstanceHttp = TestHttp & {
  readonly lines: FakeLines;
  readonly instances: Subscriptions;
  readonly devices: DeviceService;
};

async function setUp(): Promise<InstanceHttp> {
  let lines: FakeLines | undefined;
  let devices: DeviceService | undefined;
  let begun: Promise<Subscriptions> | undefined;
  const http = await setUpHttp({
    keyed(store) {
      const now = Date.now;
      lines = new FakeLines(store.devices);
      devices = createDeviceService({
        ...store,
        lines,
        countryCode: "62",
        proxies: noProxies,
        paced: () => {},
        now,
      });
      const guard = createGuard({ allowPrivate: false });
      begun = createRegistry(store).then((registry) =>
        createSubscriptions({ ...store, registry, checkUrl: guard.checkUrl, now })
      );
      let made: Subscriptions | undefined;
      begun.then((subscriptions) => made = subscriptions);
      const subscriptions = {
        setInstanceWebhook: async (...given: Parameters<Subscriptions["setInstanceWebhook"]>) =>
          await (await begun)?.setInstanceWebhook(...given),
        instanceWebhookOf: (device: Parameters<Subscriptions["instanceWebhookOf"]>[0]) =>
          made?.instanceWebhookOf(device),
      };
      return [{ at: "/api", routes: createInstanceRoutes({ devices, lines, subscriptions }) }];
    },
  });
  assert(lines !== undefined && devices !== undefined && begun !== undefined);
  return Object.assign(http, { lines, devices, instances: await begun });
}

Deno.test("PUT /api/instance/:id sets where the instance's events go, by alias or id", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { alias: "toko" });

  const byAlias = await http.ask("PUT", "/api/instance/toko", {
    body: { webhookUrl: "http://localhost:3001/a" },
  });
  const byId = await http.ask("PUT", "/api/instance/device_a", {
    body: { webhookUrl: "http://localhost:3001/b" },
  });

  assertEquals([byAlias.status, byAlias.at("success"), byId.status], [200, true, 200]);
  assertEquals(byId.at("data.webhookUrl"), "http://localhost:3001/b");
  const webhook = http.instances.instanceWebhookOf({ id: "device_a", tenantId: "tenant_default" });
  assertEquals([webhook?.format, webhook?.url], ["instance", "http://localhost:3001/b"]);
});

Deno.test("PUT /api/instance/:id answers 404 for an instance that does not exist", async () => {
  await using http = await setUp();

  const unknown = await http.ask("PUT", "/api/instance/nobody", {
    body: { webhookUrl: "http://localhost/a" },
  });

  assertEquals([unknown.status, unknown.at("success")], [404, false]);
});

Deno.test("PUT /api/instance/:id needs a key", async () => {
  await using http = await setUp();

  const refused = await http.ask("PUT", "/api/instance/toko", { key: null, body: {} });

  assertEquals([refused.status, refused.at("success")], [401, false]);
});

Deno.test("PUT /api/instance/:id takes the webhook away again (null)", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");
  await http.ask("PUT", "/api/instance/device_a", { body: { webhookUrl: "http://localhost:3001/a" } });

  const without = await http.ask("PUT", "/api/instance/device_a", {
    body: { webhookUrl: null, name: "Toko" },
  });

  assertEquals([without.at("data.webhookUrl"), without.at("data.name")], [null, "Toko"]);
});

Deno.test("POST /api/instance/create makes an instance under the id that it is given, and connects it", async () => {
  await using http = await setUp();

  const made = await http.ask("POST", "/api/instance/create", {
    body: { name: "Toko", id: "toko", webhookUrl: "http://localhost:3001/a" },
  });

  assertEquals([made.status, made.at("data.id"), made.at("data.status")], [201, "toko", "connecting"]);
  assertMatch(String(made.at("data.createdAt")), /Z$/);
  assertEquals(http.lines.calls.length, 1);
});

Deno.test("POST /api/instance/create leaves nothing behind when its webhook is refused", async () => {
  await using http = await setUp();

  const refused = await http.ask("POST", "/api/instance/create", {
    body: { name: "Toko", id: "toko", webhookUrl: "http://169.254.169.254/" },
  });

  assertEquals(refused.status, 400);
  assertEquals(await http.store.devices.find("tenant_default", "toko"), undefined);
});

Deno.test("GET /api/instance/:id/status says how the instance does in four words", async () => {
  await using http = await setUp();
  const statuses = ["needs_pairing", "pairing", "connecting", "connected", "disconnected", "failed"] as const;
  for (const status of statuses) await http.addDevice(`device_${status}`, { status });

  const shown: unknown[] = [];
  for (const status of statuses) {
    shown.push((await http.ask("GET", `/api/instance/device_${status}/status`)).at("data.status"));
  }

  assertEquals(shown, ["disconnected", "qr", "connecting", "connected", "disconnected", "disconnected"]);
});

Deno.test("GET /api/instance/:id/qr gives the code as a picture", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "pairing" });
  http.lines.shown = { code: "2@abc", expiresAt: 1_762_000_000_000, number: 1, total: 6 };

  const qr = await http.ask("GET", "/api/instance/device_a/qr");

  assertMatch(String(qr.at("data.qrCode")), /^data:image\/png;base64,/);
  assertEquals(qr.at("data.qr"), "2@abc");
});

Deno.test("GET /api/instance/:id/pairing-code shows the code that was asked for until the device is linked", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "pairing", wanted: true });
  const path = "/api/instance/device_a/pairing-code";

  const before = await http.ask("GET", path);
  const made = await http.ask("POST", path, { body: { phoneNumber: "0812345678" } });
  const shown = await http.ask("GET", path);
  await http.store.devices.update(
    "device_a",
    { status: "connected", jid: "62812345678:1@s.whatsapp.net" },
    1,
  );
  const linked = await http.ask("GET", path);

  assertEquals([before.status, made.status, shown.status, linked.status], [409, 200, 200, 409]);
  assertEquals(shown.at("data"), made.at("data"));
});

for (const verb of ["stop", "restart", "logout"] as const) {
  Deno.test(`GET /api/instance/:id/pairing-code shows no code from before a ${verb}`, async () => {
    await using http = await setUp();
    await http.addDevice("device_a", { status: "pairing", wanted: true });
    const path = "/api/instance/device_a/pairing-code";
    await http.ask("POST", path, { body: { phoneNumber: "0812345678" } });

    await http.devices[verb]("tenant_default", "device_a");
    await http.devices.start("tenant_default", "device_a");
    const dead = await http.ask("GET", path);

    assertEquals(dead.status, 409);
  });
}

Deno.test("GET /api/instance/:id/pairing-code still shows the code when its device is started once more", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "pairing", wanted: true });
  const path = "/api/instance/device_a/pairing-code";
  const made = await http.ask("POST", path, { body: { phoneNumber: "0812345678" } });

  await http.devices.start("tenant_default", "device_a");
  const shown = await http.ask("GET", path);

  assertEquals([shown.status, shown.at("data")], [200, made.at("data")]);
});

Deno.test("GET /api/instance lists the tenant's instances", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");
  const { key } = await http.anotherTenant();

  const own = await http.ask("GET", "/api/instance");
  const others = await http.ask("GET", "/api/instance", { key });

  assertEquals([own.at("count"), others.at("count")], [1, 0]);
});

Deno.test("DELETE /api/instance/:id removes the instance with its webhook", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");
  await http.ask("PUT", "/api/instance/device_a", { body: { webhookUrl: "http://localhost:3001/a" } });

  const gone = await http.ask("DELETE", "/api/instance/device_a");

  assertEquals([gone.status, gone.at("success")], [200, true]);
  assertEquals(await http.store.webhooks.all(), []);
});

for (const verb of ["restart", "logout"]) {
  Deno.test(`POST /api/instance/:id/${verb} does it`, async () => {
    await using http = await setUp();
    await http.addDevice("device_a", { alias: "toko" });

    const done = await http.ask("POST", `/api/instance/toko/${verb}`);

    assertEquals([done.status, done.at("data.id")], [200, "toko"]);
    assertEquals(http.lines.calls, [`${verb} device_a`]);
  });
}
