import { noProxies } from "../../support/no_proxies.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createDeviceService } from "../../../src/devices/devices.ts";
import { createDeviceRoutes } from "../../../src/http/v1/devices.ts";
import { createPairingRoutes } from "../../../src/http/v1/pairing.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";
import { FakeLines } from "../../support/lines.ts";

async function setUp(): Promise<TestHttp & { readonly lines: FakeLines }> {
  let lines: FakeLines | undefined;
  const http = await setUpHttp({
    keyed(store) {
      lines = new FakeLines(store.devices);
      const devices = createDeviceService({
        ...store,
        lines,
        countryCode: "62",
        proxies: noProxies,
        paced: () => {},
        now: Date.now,
      });
      return [
        { at: "/v1", routes: createPairingRoutes({ devices }) },
        { at: "/v1", routes: createDeviceRoutes({ devices, now: Date.now }) },
      ];
    },
  });
  assert(lines !== undefined);
  return Object.assign(http, { lines });
}

Deno.test("POST /v1/devices creates a device that has to be linked", async () => {
  await using http = await setUp();

  const created = await http.ask("POST", "/v1/devices", { body: { label: "Kasir", alias: "kasir-1" } });

  assertEquals(created.status, 201);
  assertMatch(String(created.at("data.id")), /^device_/);
  assertEquals([created.at("data.status"), created.at("data.alias")], ["needs_pairing", "kasir-1"]);
});

Deno.test("POST /v1/devices refuses an alias that is taken", async () => {
  await using http = await setUp();
  await http.ask("POST", "/v1/devices", { body: { label: "Kasir", alias: "kasir-1" } });

  const again = await http.ask("POST", "/v1/devices", { body: { label: "Gudang", alias: "kasir-1" } });

  assertEquals([again.status, again.at("error.code")], [409, "ALREADY_EXISTS"]);
});

for (const alias of ["..", "device_a", "kasir 1", ""]) {
  Deno.test(`POST /v1/devices refuses the alias "${alias}"`, async () => {
    await using http = await setUp();

    const refused = await http.ask("POST", "/v1/devices", { body: { label: "Kasir", alias } });

    assertEquals([refused.status, refused.at("error.details.0.field")], [400, "alias"]);
  });
}

for (const label of ["a\u0000b", "a\nb", "\ud800", "   "]) {
  Deno.test(`POST /v1/devices refuses the label ${JSON.stringify(label)}`, async () => {
    await using http = await setUp();

    const refused = await http.ask("POST", "/v1/devices", { body: { label } });

    assertEquals([refused.status, refused.at("error.details.0.field")], [400, "label"]);
  });
}

Deno.test("POST /v1/devices names the field that is missing", async () => {
  await using http = await setUp();

  const refused = await http.ask("POST", "/v1/devices", { body: {} });

  assertEquals(refused.status, 400);
  assertStringIncludes(String(refused.at("error.message")), "`label`");
});

Deno.test("GET /v1/devices/:id answers to the alias too", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { alias: "kasir" });

  const found = await http.ask("GET", "/v1/devices/kasir");

  assertEquals(found.at("data.id"), "device_a");
});

Deno.test("GET /v1/devices/:id does not show another tenant's device", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");
  const { key } = await http.anotherTenant();

  const hidden = await http.ask("GET", "/v1/devices/device_a", { key });

  assertEquals([hidden.status, hidden.at("success")], [404, false]);
});

Deno.test("GET /v1/devices lists a page and the total", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");
  await http.addDevice("device_b");

  const page = await http.ask("GET", "/v1/devices?limit=1");

  assertEquals([page.at("data.count"), page.at("data.total")], [1, 2]);
  assertEquals(page.at("data.devices.0.id"), "device_b");
});

for (const verb of ["start", "stop", "restart", "logout"]) {
  Deno.test(`POST /v1/devices/:id/${verb} does it and answers with the new status`, async () => {
    await using http = await setUp();
    await http.addDevice("device_a");

    const done = await http.ask("POST", `/v1/devices/device_a/${verb}`);

    assertEquals(done.status, 200);
    assertEquals(http.lines.calls, [`${verb} device_a`]);
    assertEquals(done.at("data.status"), (await http.store.devices.get("device_a"))?.status);
  });
}

Deno.test("POST /v1/devices/:id/start refuses a line that another system runs", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { kind: "external" });

  const refused = await http.ask("POST", "/v1/devices/device_a/start");

  assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_CANNOT_SEND"]);
});

Deno.test("DELETE /v1/devices/:id logs the device out and removes it", async () => {
  await using http = await setUp();
  await http.addDevice("device_a");

  const gone = await http.ask("DELETE", "/v1/devices/device_a");

  assertEquals(gone.at("data"), { device_id: "device_a", deleted: true });
  assertEquals(http.lines.calls, ["remove device_a"]);
  assertEquals(await http.store.devices.get("device_a"), undefined);
});

Deno.test("GET /v1/devices/:id/health tells since when it is connected", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { connectedAt: Date.now() - 60_000 });

  const health = await http.ask("GET", "/v1/devices/device_a/health");

  assertEquals(health.at("data.is_connected"), true);
  assertEquals(health.at("data.uptime"), 60);
});

Deno.test("pairing/qr starts the device and shows the code as text and as picture", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "needs_pairing", wanted: false });
  http.lines.shown = { code: "2@abc,def", expiresAt: 1_762_000_060_500, number: 2, total: 6 };

  const qr = await http.ask("POST", "/v1/devices/device_a/pairing/qr");

  assertEquals(http.lines.calls, ["start device_a"]);
  assertEquals([qr.at("data.qr"), qr.at("data.expires_at")], ["2@abc,def", 1_762_000_060]);
  assertEquals([qr.at("data.number"), qr.at("data.total")], [2, 6]);
  assertMatch(String(qr.at("data.qr_code")), /^data:image\/png;base64,/);
});

Deno.test("pairing/qr tells the device's state when there is no code to show", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "connecting" });

  const none = await http.ask("GET", "/v1/devices/device_a/pairing/qr?wait=0");

  assertEquals([none.status, none.at("error.code")], [409, "NO_QR"]);
  assertEquals(none.at("error.details.status"), "connecting");
});

Deno.test("pairing/qr refuses a device that is linked and connected", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", {
    status: "connected",
    phoneNumber: "628111",
    jid: "628111@s.whatsapp.net",
  });

  const refused = await http.ask("GET", "/v1/devices/device_a/pairing/qr");

  assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_ALREADY_PAIRED"]);
});

for (const [method, path] of [["GET", "pairing/qr"], ["POST", "pairing/code"]] as const) {
  Deno.test(`${path} refuses a device that is linked and stopped, and does not start it`, async () => {
    await using http = await setUp();
    const linked = { phoneNumber: "628111", jid: "628111@s.whatsapp.net" };
    await http.addDevice("device_a", { status: "disconnected", wanted: false, ...linked });

    const body = method === "POST" ? { phone_number: "628222222222" } : undefined;
    const refused = await http.ask(method, `/v1/devices/device_a/${path}`, { body });

    assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_ALREADY_PAIRED"]);
    assertStringIncludes(String(refused.at("error.message")), "linked with 628111 and disconnected");
    assertEquals(http.lines.calls, []);
  });
}

Deno.test("pairing/qr.svg and .png are pictures", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "pairing" });
  http.lines.shown = { code: "2@abc,def", expiresAt: 1, number: 1, total: null };

  const svg = await http.ask("GET", "/v1/devices/device_a/pairing/qr.svg");
  const png = await http.ask("GET", "/v1/devices/device_a/pairing/qr.png");

  assertEquals(svg.headers.get("Content-Type"), "image/svg+xml");
  assertMatch(svg.text, /^<svg .*<\/svg>$/s);
  assertEquals(png.headers.get("Content-Type"), "image/png");
  assertStringIncludes(png.text, "PNG");
});

Deno.test("pairing/code normalises the number", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { status: "pairing" });

  const paired = await http.ask("POST", "/v1/devices/device_a/pairing/code", {
    body: { phone_number: "+62 812-3456-789" },
  });

  assertEquals([paired.at("data.pairing_code"), paired.at("data.phone_number")], [
    "ABCD1234",
    "628123456789",
  ]);
});
