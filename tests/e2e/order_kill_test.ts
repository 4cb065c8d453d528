import { assertEquals } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";
import { startReceiver } from "../support/receiver.ts";

/** So often the gateway is killed amid incoming texts; more by hand. */
const KILLS = Number(Deno.env.get("ORDER_KILLS") ?? 2);
const SESSIONS = 2;
const CHATS = 4;
const TEXTS_PER_KILL = 60;
const PAUSE_MS = 20;

Deno.test("gateway killed under load tells every chat's texts once and in order", async () => {
  quietLibsignal();
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const receiver = await startReceiver(200);
  const env = {
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    RATE_LIMIT_PER_MINUTE: "100000",
  };
  let gateway = await startGatewayProcess({ dir, env });
  const hook = { url: receiver.url, events: ["message.received"], ordering: "chat" };
  assertEquals((await call(gateway.url, "POST", "/v1/webhooks", hook)).status, 201);
  const phones = [];
  for (let n = 0; n < SESSIONS; n++) {
    const device = (await call(gateway.url, "POST", "/v1/devices", { label: `Line ${n}` })).body.data.id;
    const qr = (await call(gateway.url, "POST", `/v1/devices/${device}/pairing/qr`)).body.data.qr;
    const phone = simulator.phone(`62811000000${n}`, `Gateway ${n}`);
    await simulator.scanQr(qr, phone);
    await until(
      async () =>
        (await call(gateway.url, "GET", `/v1/devices/${device}/health`)).body.data.is_connected === true,
      "the device to connect",
    );
    phones.push(phone);
  }
  const writers = Array.from(
    { length: CHATS },
    (_, n) => simulator.contact(`62812000000${n}`, `Writer ${n}`),
  );
  const chats = phones.flatMap((phone) => writers.map((writer) => ({ phone, writer, sent: [] as string[] })));

  let count = 0;
  async function write(): Promise<void> {
    const { phone, writer, sent } = chats[count % chats.length];
    const text = String(++count);
    sent.push(text);
    await writer.sendText(phone, text);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS)); // a steady load
  }
  for (let kill = 0; kill < KILLS; kill++) {
    for (let n = 0; n < TEXTS_PER_KILL; n++) await write();
    await gateway.kill();
    for (let n = 0; n < TEXTS_PER_KILL / 2; n++) await write();
    const starting = startGatewayProcess({ dir, env });
    let started = false;
    starting.then(() => started = true, () => started = true);
    while (!started) await write(); // the login meets texts that come live
    gateway = await starting;
    for (let n = 0; n < TEXTS_PER_KILL; n++) await write();
  }

  const told = () => receiver.requests.map(({ json }) => json.data).filter((data) => data !== undefined);
  await until(
    () => new Set(told().map((data) => data.message_id)).size === count,
    "every text",
  );
  for (const { writer, sent } of chats) {
    const own = told().filter((data) => data.chat_id === writer.pnJid);
    const texts = own.map((data) => String(data.text)).filter((text) => sent.includes(text));
    assertEquals([...new Set(texts)], sent); // what a kill cut off may come again, behind its first time
  }
  await gateway.stop();
  await receiver.stop();
  await simulator.stop();
  await Deno.remove(dir, { recursive: true });
});
