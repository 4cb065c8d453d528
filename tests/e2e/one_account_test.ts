import { Buffer } from "node:buffer";
import { assertEquals, assertMatch } from "@std/assert";
import { createWhatsAppRoutes } from "../../src/http/account/whatsapp.ts";
import { createWhatsAppMediaRoutes } from "../../src/http/account/media.ts";
import { VORBIS } from "../support/sample_files.ts";
import { type MoreRoutes, startWhatsAppGateway, type WhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

const routes: MoreRoutes = ({ lines }) => [
  { at: "/api", routes: createWhatsAppRoutes({ ...lines, lines: lines.shown }) },
  { at: "/api", routes: createWhatsAppMediaRoutes(lines) },
];

async function linked(gateway: WhatsAppGateway): Promise<void> {
  const qr = await gateway.ask("GET", "/api/whatsapp/qr");
  await gateway.simulator.scanQr(String(qr.at("qr")), gateway.simulator.phone("628110000001", "Gateway"));
  const { id } = await gateway.lines.defaultDevice("tenant_default");
  await gateway.connected(id);
}

Deno.test("whoever knows one account only links it, sends, and logs out, without naming a device", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const budi = gateway.simulator.contact(BUDI, "Budi");

  const before = await gateway.ask("GET", "/api/whatsapp/status");
  await linked(gateway);
  const sent = await gateway.ask("POST", "/api/whatsapp/send-message", {
    to: "+62 812 3456 789",
    message: "halo",
  });
  const received = await budi.waitMessage(({ id }) => id === sent.at("messageId"));
  const after = await gateway.ask("GET", "/api/whatsapp/status");
  const out = await gateway.ask("POST", "/api/whatsapp/logout");

  assertEquals([before.at("data.isConnected"), after.at("data.isConnected")], [false, true]);
  assertEquals([sent.status, sent.at("message")], [200, "Message sent successfully"]);
  assertEquals(received.message.extendedTextMessage?.text, "halo");
  assertEquals([out.status, out.at("success")], [200, true]);
});

Deno.test("whoever knows one account only sees the phone that was linked as another device", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const asked = await gateway.ask("GET", "/api/whatsapp/status"); // which makes the device `default`

  const { id } = await gateway.pair("kasir");
  const status = await gateway.ask("GET", "/api/whatsapp/status");
  const sent = await gateway.ask("POST", "/api/whatsapp/send-message", { to: BUDI, message: "halo" });
  await budi.waitMessage((message) => message.id === sent.at("messageId"));
  await gateway.pair("gudang");
  const ofTwo = await gateway.ask("GET", "/api/whatsapp/status");

  assertEquals(asked.at("data.isConnected"), false);
  assertEquals([status.at("data.deviceId"), status.at("data.isConnected")], [id, true]);
  assertEquals(ofTwo.at("data.deviceId"), asked.at("data.deviceId"));
});

Deno.test("nothing is sent from another number because the one account was unlinked", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  await linked(gateway);
  await gateway.pair("kasir");

  await gateway.ask("POST", "/api/whatsapp/logout");
  const sent = await gateway.ask("POST", "/api/whatsapp/send-message", { to: BUDI, message: "halo" });

  assertEquals([sent.status, sent.at("success")], [409, false]);
});

Deno.test("many texts in one request are sent one after another, and each gets its outcome", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  await linked(gateway);
  gateway.simulator.contact(BUDI, "Budi");

  const sent = await gateway.ask("POST", "/api/whatsapp/send-bulk", {
    messages: [{ to: BUDI, message: "one" }, { to: "nobody", message: "two" }, {
      to: BUDI,
      message: "three",
    }],
  });

  assertEquals(sent.at("summary"), { total: 3, success: 2, failed: 1 });
  assertMatch(String(sent.at("results.0.messageId")), /^3EB0/);
  assertEquals(sent.at("results.1.success"), false);
});

Deno.test("a file in a form is sent", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  await linked(gateway);
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const form = new FormData();
  form.append("to", BUDI);
  form.append("mediaType", "document");
  form.append("caption", "Laporan");
  form.append("media", new File(["isi"], "laporan.txt", { type: "text/plain" }));

  const sent = await gateway.ask("POST", "/api/whatsapp/send-media", form);
  const received = await budi.waitMessage(({ id }) => id === sent.at("messageId"));
  const none = await gateway.ask("POST", "/api/whatsapp/send-media", new FormData());

  assertEquals(sent.status, 200);
  assertEquals(budi.openMedia(received.message), Buffer.from("isi"));
  assertEquals([none.status, none.at("success")], [400, false]);
});

Deno.test("a file in a form may be larger than other bodies, and goes out once for one idempotency key", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  await linked(gateway);
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const ogg = Buffer.concat([VORBIS, Buffer.alloc(6_000_000)]);
  const send = () => {
    const form = new FormData();
    form.append("to", BUDI);
    form.append("mediaType", "audio");
    form.append("caption", "what clients must send with everything");
    form.append("media", new File([ogg], "lagu.ogg"));
    return gateway.ask("POST", "/api/whatsapp/send-media", form, { "Idempotency-Key": "lagu" });
  };

  const first = await send();
  const again = await send();

  assertEquals([first.status, again.status], [200, 200]);
  assertEquals(again.at("messageId"), first.at("messageId"));
  assertEquals(new Set(budi.inbox.map(({ id }) => id)).size, 1);
  const [told] = await gateway.events("message.sent");
  assertEquals("caption" in told.content, false);
});

Deno.test("a message that cannot be sent is refused in words", async () => {
  await using gateway = await startWhatsAppGateway({ routes });

  const refused = await gateway.ask("POST", "/api/whatsapp/send-message", { to: BUDI, message: "halo" });

  assertEquals([refused.status, refused.at("success")], [409, false]);
  assertMatch(String(refused.at("message")), /device is/);
});
