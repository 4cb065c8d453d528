import { assert } from "@std/assert";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";

Deno.test("gateway draws the QR code of a device in the terminal", async () => {
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const env = { WHATSAPP_WS_URL: simulator.url, WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex") };
  const gateway = await startGatewayProcess({ dir, env });
  const { body } = await call(gateway.url, "POST", "/v1/devices", { label: "Shop" });

  await call(gateway.url, "POST", `/v1/devices/${body.data.id}/start`);

  await until(() => gateway.output().includes(`to link ${body.data.id}:`), "the code");
  await until(() => gateway.output().split("▄").length > 100, "the drawing");
  assert(!gateway.output().includes("2@"), "the code itself is not spelt out");
  await gateway.stop();
  await simulator.stop();
  await Deno.remove(dir, { recursive: true });
});
