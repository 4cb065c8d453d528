import { assertEquals } from "@std/assert";
import { createSessionStatusRoutes } from "../../src/http/api/session_status.ts";
import { setUpHttp, type TestHttp } from "../support/http.ts";

function setUp(): Promise<TestHttp> {
  // the routes are asked only after the store is there
  let devices: TestHttp["store"]["devices"] | undefined;
  const routes = createSessionStatusRoutes({
    externalDevices: { statusOf: () => Promise.resolve(undefined) },
    devices: { find: async (...given) => await devices?.find(...given) },
  });
  return setUpHttp({
    open: [{ at: "/", routes }],
    keyed(store) {
      devices = store.devices;
      return [];
    },
  });
}

Deno.test("GET /api/whatsapp/session/status/:id needs no key, and shows no QR code of ours", async () => {
  await using http = await setUp();
  await http.addDevice("device_a", { alias: "toko", status: "pairing" });

  const shown = await http.ask("GET", "/api/whatsapp/session/status/toko", { key: null });

  assertEquals(shown.status, 200);
  assertEquals([shown.at("data.status"), shown.at("data.needsQR"), shown.at("data.qr")], [
    "qr_generated",
    true,
    null,
  ]);
});

Deno.test("GET /api/whatsapp/session/status/:id answers 404 for a session that does not exist", async () => {
  await using http = await setUp();

  const unknown = await http.ask("GET", "/api/whatsapp/session/status/nobody", { key: null });

  assertEquals([unknown.status, unknown.at("success")], [404, false]);
});
