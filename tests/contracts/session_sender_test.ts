// The sender that whatsapp-web.js backends know: three keys, one request, `X-Webhook-Signature`.
import { createHmac } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import { type Gateway, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { requestsBefore } from "../support/requests_before.ts";
import { startReceiver } from "../support/receiver.ts";

const SECRET = "your-secure-webhook-secret-key";

/** Starts a device that is called `test-session`, so that a QR code is reported. */
async function showQr(gateway: Gateway): Promise<string> {
  await gateway.device({ alias: "test-session" });
  const { body } = await gateway.api("POST", "/v1/devices/test-session/pairing/qr");
  return body.data.qr;
}

Deno.test("a QR code is posted in three keys, signed (S2-22)", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { WEBHOOK_URL: rx.url, WEBHOOK_FORMAT: "session", WHATSAPP_WEBHOOK_SECRET: SECRET },
  });

  const qr = await showQr(gateway);

  const { method, headers, body } = await until(
    () => rx.requests.find(({ json }) => json.event === "qr"),
    "the QR code",
  );
  assertEquals(method, "POST");
  assertEquals(headers["content-type"], "application/json");
  assertEquals(headers["user-agent"], "WhatsApp-Server/1.0");
  assertEquals(body, JSON.stringify({ sessionId: "test-session", event: "qr", data: { qr } }));
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  assertEquals(headers["x-webhook-signature"], `sha256=${signature}`);
});

Deno.test("nothing is signed without a secret (S2-23)", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { WEBHOOK_URL: rx.url, WEBHOOK_FORMAT: "session" },
  });

  await showQr(gateway);

  await rx.waitFor(1);
  const names = rx.requests.flatMap(({ headers }) => Object.keys(headers));
  assertEquals(names.filter((name) => name.includes("signature")), []);
});

for (const [what, step] of [["answers 500", 500], ["breaks off", "reset"], ["hangs", "hang"]] as const) {
  Deno.test(`a receiver that ${what} is called once, and that is told (S2-24)`, async () => {
    await using rx = await startReceiver(step);
    await using gateway = await runGateway({
      settings: { WEBHOOK_URL: rx.url, WEBHOOK_FORMAT: "session" },
    });

    const { status, body } = await gateway.api("POST", "/api/webhook/send", {
      eventType: "qr",
      data: { qr: "test-qr-code-12345" },
    });

    assertEquals([status, body.result.success, typeof body.result.error], [200, false, "string"]);
    const requests = await requestsBefore(
      rx,
      ({ json }) => json.event === "last",
      () => gateway.api("POST", "/api/webhook/send", { eventType: "last", data: {} }),
    );
    assertEquals(requests.length, 1);
    assertEquals((await gateway.api("GET", "/health")).status, 200);
  });
}

Deno.test("a receiver that nobody runs is told (S2-24)", async () => {
  const rx = await startReceiver();
  await rx.stop();
  await using gateway = await runGateway({ settings: { WEBHOOK_URL: rx.url, WEBHOOK_FORMAT: "session" } });

  const { body } = await gateway.api("POST", "/api/webhook/send", { eventType: "ready", data: {} });

  assertEquals(body.result.success, false);
  assert(body.result.error.includes("Connection refused"), body.result.error);
  assertEquals((await gateway.api("GET", "/health")).status, 200);
});

Deno.test("the session stands in the path of a url that asks for it", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { WEBHOOK_URL: `${rx.url}/api/whatsapp/webhook/{sessionId}`, WEBHOOK_FORMAT: "session" },
  });

  await showQr(gateway);

  const [{ path }] = await rx.waitFor(1);
  assertEquals(path, "/api/whatsapp/webhook/test-session");
});

Deno.test("what is sent is taken by a receiver of the same kind, with the same secret", async () => {
  await using backend = await runGateway({ settings: { WHATSAPP_WEBHOOK_SECRET: SECRET } });
  await using gateway = await runGateway({
    whatsapp: true,
    settings: {
      WEBHOOK_URL: `${backend.url}/api/whatsapp/webhook`,
      WEBHOOK_FORMAT: "session",
      WEBHOOK_SECRET: SECRET,
    },
  });

  const qr = await showQr(gateway);

  const state = await until(async () => {
    const { body } = await backend.api("GET", "/api/whatsapp/session/status/test-session", undefined, null);
    return body.data?.qr === qr && body.data;
  }, "the backend to know the QR code");
  assertEquals([state.status, state.needsQR], ["qr_generated", true]);
});
