import { assertEquals, assertMatch } from "@std/assert";
import { mediaOf } from "../../src/events/content.ts";
import { until } from "../support/until.ts";
import { PASSWORD, startProxy } from "../support/proxies.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

for (const kind of ["socks5", "http"] as const) {
  Deno.test(`a device with a proxy (${kind}) sends and fetches everything through it`, async () => {
    await using proxy = await startProxy(kind);
    await using gateway = await startWhatsAppGateway();
    const { id, phone } = await gateway.pair("kasir", { proxy: proxy.url });
    const budi = gateway.simulator.contact(BUDI, "Budi");
    const socket = new URL(gateway.simulator.url).host;
    const isMedia = (target: string) => target !== socket;

    const linkedThrough = proxy.targets.filter((target) => target === socket).length;
    const mediaBefore = proxy.targets.filter(isMedia).length;
    const form = new FormData();
    form.set("to", BUDI);
    form.set("file", new Blob([PNG], { type: "image/png" }), "menu.png");
    const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/image`, form);
    const mediaSent = proxy.targets.filter(isMedia).length;
    await budi.sendMedia(phone, "image", PNG, { mimetype: "image/png" });
    await until(async () => (await gateway.events("message.received")).length === 1, "the picture is there");
    const [{ content }] = await gateway.events("message.received");
    const mediaId = mediaOf(content)?.mediaId;
    const fetched = await gateway.ask("GET", `/v1/devices/${id}/media/${mediaId}`);
    const mediaFetched = proxy.targets.filter(isMedia).length;

    assertEquals([sent.status, fetched.status, fetched.bytes], [200, 200, PNG]);
    assertEquals([linkedThrough > 0, mediaSent > mediaBefore, mediaFetched > mediaSent], [true, true, true]);
    const { body } = await gateway.ask("GET", `/v1/devices/${id}`);
    assertEquals((body as { data: { proxy: unknown } }).data.proxy, {
      address: `${kind}://127.0.0.1:${proxy.port}`,
      has_credentials: true,
      state: "working",
      error: null,
    });
    assertEquals(JSON.stringify(body).includes(encodeURIComponent(PASSWORD)), false);
  });

  Deno.test(`a device whose proxy (${kind}) fails says so once, never connects without it, and comes back`, async () => {
    await using proxy = await startProxy(kind);
    await using gateway = await startWhatsAppGateway();
    const { id } = await gateway.pair("kasir", { proxy: proxy.url });
    const shown = async () => (await gateway.ask("GET", `/v1/devices/${id}`)).at("data.proxy.state");

    proxy.mood = "refuse";
    proxy.cut();
    await until(async () => await shown() === "failed", "the proxy has failed");
    await gateway.ask("POST", `/v1/devices/${id}/restart`);
    await until(
      async () => (await gateway.ask("GET", `/v1/devices/${id}`)).at("data.status") === "disconnected",
      "again",
    );
    const direct = gateway.simulator.connections.size;
    const failed = await gateway.events("device.proxy_failed");
    proxy.mood = "well";
    await gateway.ask("POST", `/v1/devices/${id}/start`);
    await gateway.connected(id);
    await until(async () => await shown() === "working", "the proxy works again");

    assertEquals([direct, failed.length, failed[0].proxy], [0, 1, `${kind}://127.0.0.1:${proxy.port}`]);
    assertMatch(failed[0].message, /^Cannot connect through the proxy/);
  });
}

Deno.test("a device gets another proxy, or none, while it runs", async () => {
  await using first = await startProxy("socks5");
  await using second = await startProxy("http");
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir", { proxy: first.url });
  const change = (proxy: string | null) => gateway.ask("PATCH", `/v1/devices/${id}`, { proxy });

  const changed = await change(second.url);
  await gateway.connected(id);
  await until(() => second.targets.length > 0, "it goes the other way");
  const through = [first.targets.length, second.targets.length];
  const none = await change(null);
  await gateway.connected(id);

  assertEquals(changed.at("data.proxy.address"), `http://127.0.0.1:${second.port}`);
  assertEquals([none.at("data.proxy"), [first.targets.length, second.targets.length]], [null, through]);
});

Deno.test("what can be no proxy is refused by name, and no answer repeats a password", async () => {
  await using gateway = await startWhatsAppGateway();
  const make = (proxy: unknown) => gateway.ask("POST", "/v1/devices", { label: "Kasir", proxy });

  const scheme = await make("ftp://user:secret@proxy.example");
  const number = await make(["socks5://user:secret@proxy.example"]);
  const metadata = await make("http://user:secret@169.254.169.254");

  assertEquals([scheme.status, number.status, metadata.status], [400, 400, 400]);
  assertMatch(JSON.stringify(scheme.body), /`proxy` must be like socks5:/);
  assertMatch(JSON.stringify(metadata.body), /`proxy` cannot be used: .*link-local/);
  assertEquals(JSON.stringify([scheme.body, number.body, metadata.body]).includes("secret"), false);
});
