import { assertEquals } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

quietLibsignal();

/** What a receiver was told of, each text once, in the order in which it came first. */
const textsIn = (
  requests: readonly { readonly json: { readonly data?: { readonly message?: string } } }[],
) => [
  ...new Set(requests.map(({ json }) => JSON.stringify(json).match(/text \d+/)?.[0]).filter((text) => text)),
];

Deno.test("gateway with sessions in workers is killed amid texts, and tells of each", async () => {
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const receiver = await startReceiver(200);
  const env = {
    SESSION_WORKERS: "2",
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    WEBHOOK_URL: receiver.url,
    WEBHOOK_FORMAT: "device",
    WEBHOOK_EVENTS: "message.received",
  };
  const first = await startGatewayProcess({ dir, env });
  const anna = simulator.contact("6281700000001", "Anna");
  const phone = simulator.phone("6281700000002", "Gateway");
  const { body: { data: { id } } } = await call(first.url, "POST", "/v1/devices", { label: "Shop" });
  const { body: { data: { qr } } } = await call(first.url, "POST", `/v1/devices/${id}/pairing/qr`);
  await simulator.scanQr(qr, phone);
  const isConnected = (url: string) =>
    until(
      async () => (await call(url, "GET", `/v1/devices/${id}`)).body.data.status === "connected",
      "the device to connect",
    );
  await isConnected(first.url);

  for (let n = 0; n < 20; n++) await anna.sendText(phone, `text ${n}`);
  await receiver.waitFor(5);
  for (let n = 20; n < 40; n++) await anna.sendText(phone, `text ${n}`);
  await first.kill();
  const second = await startGatewayProcess({ dir, env });
  await isConnected(second.url);
  await until(() => textsIn(receiver.requests).length === 40, "all texts");
  const unread = async () =>
    (await call(second.url, "GET", `/v1/devices/${id}/chats`)).body.data.chats[0].unread;
  const before = await unread();
  phone.read(anna, "read-self");
  await until(async () => await unread() === 0, "the chat to be read");
  const sent = await call(second.url, "POST", `/v1/devices/${id}/messages/text`, {
    to: anna.number,
    text: "all",
  });

  assertEquals([before, sent.status], [40, 200]);
  assertEquals(await second.stop(), 0);
  await receiver.stop();
  await simulator.stop();
  await Deno.remove(dir, { recursive: true });
});
