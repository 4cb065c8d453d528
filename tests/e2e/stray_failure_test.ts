import { assertEquals } from "@std/assert";
import { node } from "../../src/simulator/wire/nodes.ts";
import { WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";

/** Pairs a new device with a new phone, and waits until it is connected. */
async function pair(gateway: GatewayProcess, simulator: WhatsAppSimulator, number: string) {
  const made = await call(gateway.url, "POST", "/v1/devices", { label: number });
  const path = `/v1/devices/${made.body.data.id}`;
  const qr = (await call(gateway.url, "POST", `${path}/pairing/qr`)).body.data.qr;
  const device = await simulator.scanQr(qr, simulator.phone(number, "Gateway"));
  await until(async () => (await call(gateway.url, "GET", path)).body.data?.status === "connected", "linked");
  return { path, device };
}

Deno.test("gateway outlives a connection that is lost while Baileys answers the server", async () => {
  const dir = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start();
  const gateway = await startGatewayProcess({
    dir,
    env: { WHATSAPP_WS_URL: simulator.url, WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex") },
  });
  try {
    const { path, device } = await pair(gateway, simulator, "628110000071");
    const { logins, connection } = device;
    if (connection === undefined) throw new Error("Cannot go on: the device is not connected");

    // Baileys asks for all groups then, and nobody catches that the question fails.
    simulator.faults.ignoreQueries = new Set(["w:g2"]);
    const asked = () =>
      connection.log.filter(({ direction, node }) => direction === "in" && node.attrs.xmlns === "w:g2");
    const before = asked().length;
    connection.send(node("ib", { from: "s.whatsapp.net" }, [node("dirty", { type: "groups" })]));
    await until(() => asked().length > before, "the question");
    simulator.faults.ignoreQueries = undefined;
    device.drop();
    await until(() => gateway.output().includes("stray_failure"), "the failure to be noted");
    await until(() => device.logins > logins, "another login");
    await until(async () => (await call(gateway.url, "GET", path)).body.data?.status === "connected", "up");

    assertEquals(await gateway.stop(), 0);
  } finally {
    await gateway.kill().catch(() => {}); // it has ended
    await simulator.stop();
    await Deno.remove(dir, { recursive: true });
  }
});
