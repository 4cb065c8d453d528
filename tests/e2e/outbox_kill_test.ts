import { assertEquals } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";

const TEXTS = 300;
const BUDI = "628123456789";

Deno.test("gateway killed while it sends has sent every text as one message in the end", async () => {
  quietLibsignal();
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const budi = simulator.contact(BUDI, "Budi");
  const env = {
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    RATE_LIMIT_PER_MINUTE: "100000",
  };
  let gateway = await startGatewayProcess({ dir, env });
  const device = (await call(gateway.url, "POST", "/v1/devices", { label: "Kasir" })).body.data.id;
  const qr = (await call(gateway.url, "POST", `/v1/devices/${device}/pairing/qr`)).body.data.qr;
  await simulator.scanQr(qr, simulator.phone("628110000001", "Gateway"));
  const connected = async () => {
    const { body } = await call(gateway.url, "GET", `/v1/devices/${device}/health`);
    return body.data.is_connected === true;
  };
  await until(connected, "the device to connect");
  const ids: string[] = [];
  for (let index = 0; index < TEXTS; index++) {
    const path = `/v1/devices/${device}/messages/text?wait=false`;
    const { body } = await call(gateway.url, "POST", path, { to: BUDI, text: `text ${index}` });
    ids.push(body.data.message_id);
    if (index === TEXTS / 3 || index === TEXTS * 2 / 3) {
      await gateway.kill();
      gateway = await startGatewayProcess({ dir, env });
    }
  }
  await gateway.kill();
  gateway = await startGatewayProcess({ dir, env });

  for (const id of ids) {
    await until(
      async () => (await call(gateway.url, "GET", `/v1/messages/${id}`)).body.data.status === "sent",
      `${id} to be sent`,
    );
  }

  const messages = new Map(budi.inbox.map(({ id, message }) => [id, message.extendedTextMessage?.text]));
  const texts = [...messages.values()].toSorted();
  assertEquals(texts, Array.from({ length: TEXTS }, (_, index) => `text ${index}`).toSorted());
  await gateway.stop();
  await simulator.stop();
  await Deno.remove(dir, { recursive: true });
});
