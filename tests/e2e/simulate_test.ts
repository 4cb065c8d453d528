import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { simulate } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { quietLibsignal } from "../support/quiet_libsignal.ts";

const BUDI = "628123456789";

Deno.test("gateway with the settings that simulate prints sends files", async () => {
  quietLibsignal();
  const dir = await Deno.makeTempDir();
  const stop = new AbortController();
  let printed = "";
  const simulating = simulate(
    { host: "127.0.0.1", port: 0, wsPort: 0 },
    stop.signal,
    (line) => printed += `${line}\n`,
  );
  await until(() => printed.includes("?wait=10"), "the simulator");
  const env = Object.fromEntries(
    [...printed.matchAll(/(WHATSAPP_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const control = /Control API: (\S+)/.exec(printed)?.[1] ?? "";
  const gateway = await startGatewayProcess({ dir, env });
  const id = (await call(gateway.url, "POST", "/v1/devices", { label: "Kasir" })).body.data.id;
  const { qr } = (await call(gateway.url, "POST", `/v1/devices/${id}/pairing/qr`)).body.data;
  await call(control, "POST", "/phones", { phone: "628110000001", name: "Gateway" });
  await call(control, "POST", "/phones/628110000001/scan", { qr });
  await call(control, "POST", "/contacts", { phone: BUDI, name: "Budi" });
  const connected = async () =>
    (await call(gateway.url, "GET", `/v1/devices/${id}`)).body.data.status === "connected";
  await until(connected, "the device to connect");

  const sent = await call(gateway.url, "POST", `/v1/devices/${id}/messages/document`, {
    to: BUDI,
    media_base64: Buffer.from("a,b\n1,2\n").toString("base64"),
    file_name: "laporan.csv",
  });
  const got = await call(control, "GET", `/contacts/${BUDI}/messages?wait=10`);

  assertEquals([sent.status, sent.body.data?.status], [200, "sent"]);
  assertEquals(got.body.map(({ id }: { readonly id: string }) => id), [
    sent.body.data.wa_message_id,
  ]);
  await gateway.stop();
  stop.abort();
  await simulating;
  await Deno.remove(dir, { recursive: true });
});
