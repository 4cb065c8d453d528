import { assertEquals } from "@std/assert";
import { createSessionStatusRoutes } from "../../../src/http/receivers/session_status.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";

function setUp(): Promise<TestHttp> {
  // the routes are asked only after the store is there
  let devices: TestHttp["store"]["devices"] | undefined;
  const routes = createSessionStatusRoutes({
    externalDevices: { statusOf: () => Promise.resolve(undefined) },
    devices: { find: async (...given) => await devices?.find(...given) },
    mayShowQr: () => Promise.resolve(false),
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

Deno.test("GET /api/whatsapp/session/status/:id shows an external session's QR code to those who may see it", async () => {
  let mayShow = true;
  const routes = createSessionStatusRoutes({
    externalDevices: {
      statusOf: (sessionId) =>
        Promise.resolve({
          sessionId,
          status: "qr_generated",
          message: null,
          qr: "2@code",
          userId: "system",
          createdAt: "2026-11-27T00:00:00.000Z",
          updatedAt: "2026-11-27T00:00:00.000Z",
          qrImage: "data:image/png;base64,AAAA",
          isConnected: false,
          needsQR: true,
          isLoading: false,
          hasError: false,
        }),
    },
    devices: { find: () => Promise.resolve(undefined) },
    mayShowQr: () => Promise.resolve(mayShow),
  });
  await using http = await setUpHttp({ open: [{ at: "/", routes }] });
  const ask = () => http.ask("GET", "/api/whatsapp/session/status/s", { key: null });

  const shown = await ask();
  mayShow = false;
  const hidden = await ask();

  assertEquals([shown.at("data.qr"), shown.at("data.qrImage")], ["2@code", "data:image/png;base64,AAAA"]);
  assertEquals([hidden.status, hidden.at("data.qr"), hidden.at("data.qrImage")], [200, null, null]);
  assertEquals(hidden.at("data.needsQR"), true);
});
