import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Gateway, KEY, runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** Everything that tells of a device which waits for its phone. */
async function toldOf(gateway: Gateway, device: string, key: string): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  const { body } = await gateway.api("GET", "/v1/deliveries?event=device.qr");
  const paths = [
    `/v1/events?types=*&devices=${device}`,
    `/v1/events?types=*&devices=${device}&format=account`,
    `/v1/devices/${device}/events`,
    `/v1/deliveries/${body.data.deliveries[0].delivery_id}`,
    "/v1/webhooks/failed",
    "/api/webhook/logs",
    "/api/whatsapp/status",
    "/api/instance",
    `/api/instance/${device}`,
    `/api/instance/${device}/status`,
  ];
  for (const path of paths) {
    const answer = await gateway.api("GET", path, undefined, key);
    assertEquals(answer.status, 200, `${path}: ${answer.text}`);
    told[path] = answer.text;
  }
  return told;
}

Deno.test("key that may not link phones is shown no code for it, wherever one stands", async () => {
  await using rx = await startReceiver();
  rx.respond(500);
  await using gateway = await runGateway({ whatsapp: true });
  const hook = { url: rx.url, events: ["*"], retry: [], recovery: false };
  await gateway.api("POST", "/v1/webhooks", hook);
  const device = await gateway.device({ alias: "default" });
  await gateway.api("PUT", `/api/instance/${device}`, { webhookUrl: rx.url });
  const { body: made } = await gateway.api("POST", "/v1/keys", { name: "Reader", scopes: ["read", "send"] });
  const { body: shown } = await gateway.api("POST", `/v1/devices/${device}/pairing/qr`);
  const { qr, qr_code } = shown.data;
  const isTold = async (path: string) => (await gateway.api("GET", path)).text.includes("device.qr");
  await until(() => isTold("/v1/webhooks/failed"), "the failed delivery of the code");

  const own = await toldOf(gateway, device, KEY);
  const readers = await toldOf(gateway, device, made.data.api_key);

  const hasCode = (text: string) => text.includes(JSON.stringify(qr).slice(1, -1)) || text.includes(qr_code);
  assertEquals(Object.entries(own).filter(([, text]) => !hasCode(text)).map(([path]) => path), []);
  assertEquals(Object.entries(readers).filter(([, text]) => hasCode(text)).map(([path]) => path), []);
  assertStringIncludes(readers["/v1/webhooks/failed"], "device.qr");
  assert(!readers[`/v1/devices/${device}/events`].includes("device.qr"));
});
