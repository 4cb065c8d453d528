// What happens on a tenant's WhatsApp line, as its webhooks of the format `device` tell it.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Contact } from "../../src/simulator/mod.ts";
import { type Answer, type Gateway, type PairedDevice, runGateway } from "../support/gateway.ts";
import { since } from "../support/since.ts";
import { until } from "../support/until.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "../support/receiver.ts";

const BUDI = "628123456789";

interface Line extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly tenant: { readonly id: string; readonly key: string };
  readonly rx: Receiver;
  readonly budi: Contact;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  subscribe(events: readonly string[], url?: string): Promise<void>;
  pair(): Promise<PairedDevice>;
  sendText(device: PairedDevice, to?: string): Promise<Answer>;
  /** The first request, past or to come, that says this event. */
  told(event: string, check?: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
}

async function setUp(): Promise<Line> {
  const gateway = await runGateway({ whatsapp: true, settings: { WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" } });
  const tenant = await gateway.tenant();
  const rx = await startReceiver();
  const ask: Line["ask"] = (method, path, body) => gateway.api(method, path, body, tenant.key);
  return {
    gateway,
    tenant,
    rx,
    budi: gateway.simulator.contact(BUDI, "Budi"),
    ask,
    async subscribe(events, url = rx.url) {
      const { status, text } = await ask("POST", "/v1/webhooks", { url, events, secret: "s" });
      assertEquals(status, 201, text);
    },
    pair: () => gateway.pair({ key: tenant.key }),
    sendText: (device, to = BUDI) =>
      ask("POST", `/v1/devices/${device.id}/messages/text`, { to, text: "Halo" }),
    told: (event, check = () => true) =>
      until(() => rx.requests.find((request) => request.json.event === event && check(request)), event),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

Deno.test("a text that comes in is told (S1-13)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["message.received"]);
  const isSince = since();

  const messageId = await line.budi.sendText(device.phone, "Halo, saya tertarik dengan produk Anda.");

  const { json } = await line.told("message.received");
  assertEquals(json.tenant_id, line.tenant.id);
  assertEquals(json.device_id, device.id);
  assertMatch(json.event_id, /^evt_/);
  const { data } = json;
  assertEquals(data.message_id, messageId);
  assertEquals(data.from, `${BUDI}@s.whatsapp.net`);
  assertEquals(data.chat_id, `${BUDI}@s.whatsapp.net`);
  assertEquals(data.from_me, false);
  assertEquals(data.type, "text");
  assertEquals(data.text, "Halo, saya tertarik dengan produk Anda.");
  assert(Number.isInteger(data.timestamp) && isSince(data.timestamp * 1000));
});

Deno.test("a text from a chat that is addressed by number is told (S1-13)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["message.received"]);
  const siti = line.gateway.simulator.contact("628777000111", "Siti", { addressing: "pn" });

  await siti.sendText(device.phone, "Pagi");

  const { json } = await line.told("message.received");
  assertEquals(json.data.from, "628777000111@s.whatsapp.net");
});

Deno.test("a message that is delivered is told (S1-14)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["message.status"]);
  const sent = await line.sendText(device);
  const got = await line.budi.waitMessage(({ id }) => id === sent.body.data.wa_message_id);

  line.budi.sendReceipt(device.phone, got.id, "delivered");

  const { json } = await line.told("message.status", ({ json }) => json.data.status === "delivered");
  assertEquals(json.data.message_id, sent.body.data.message_id);
  assertEquals(json.data.wa_message_id, got.id);
  assertEquals(json.data.to, `${BUDI}@s.whatsapp.net`);
  assert(Number.isInteger(json.data.delivered_at));
});

Deno.test("a status is sent, delivered, read or failed, and nothing else (S1-15)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["message.status"]);
  line.budi.autoReceipts = ["delivered", "read", "played"];
  await line.sendText(device);
  await line.told("message.status", ({ json }) => json.data.played === true);
  line.gateway.simulator.faults.refuse = () => 463;
  const siti = line.gateway.simulator.contact("628777000111", "Siti");

  await line.sendText(device, siti.number);

  await line.told("message.status", ({ json }) => json.data.status === "failed");
  const statuses = line.rx.requests.map(({ json }) => json.data.status);
  assertEquals([...new Set(statuses)], ["sent", "delivered", "read", "failed"]);
});

Deno.test("a device that connects is told (S1-16)", async () => {
  await using line = await setUp();
  await line.subscribe(["device.connected"]);

  const device = await line.pair();

  const { json } = await line.told("device.connected");
  assertEquals(json.device_id, device.id);
  assertEquals(json.data.phone_number, device.phone.number);
  assertEquals(json.data.wa_jid, `${device.phone.number}@s.whatsapp.net`);
  assertEquals(json.data.status, "connected");
});

Deno.test("a device that is logged out over the API is told (S1-17)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["device.disconnected"]);

  await line.ask("POST", `/v1/devices/${device.id}/logout`);

  const { json } = await line.told("device.disconnected");
  assertEquals([json.data.reason, json.data.status], ["logout", "disconnected"]);
});

Deno.test("a device that is unlinked on the phone is told (S1-17)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.subscribe(["device.disconnected"]);

  device.linked.remove();

  const { json } = await line.told("device.disconnected");
  assertEquals([json.data.reason, json.data.status], ["logout", "disconnected"]);
});

for (const [video, type] of [[false, "voice"], [true, "video"]] as const) {
  Deno.test(`a ${type} call is told (S1-18)`, async () => {
    await using line = await setUp();
    const device = await line.pair();
    await line.subscribe(["call.received"]);

    line.budi.call(device.phone, "CALL0123456789", "offer", { video });

    const { json } = await line.told("call.received");
    assertEquals(json.data.call_id, "CALL0123456789");
    assertEquals(json.data.from, `${BUDI}@s.whatsapp.net`);
    assertEquals([json.data.type, json.data.status], [type, "ringing"]);
  });
}

for (const addressing of ["lid", "pn"] as const) {
  Deno.test(`somebody who is added to a group (by ${addressing}) is told (S1-19)`, async () => {
    await using line = await setUp();
    const device = await line.pair();
    await line.subscribe(["group.join"]);
    const { simulator } = line.gateway;
    const siti = simulator.contact("628987654321", "Siti");
    const group = simulator.group("Arisan", [siti, device.phone], { addressing });

    group.change(siti, "add", [line.budi]);

    const { json } = await line.told("group.join");
    assertMatch(json.data.group_id, /@g\.us$/);
    assertEquals(json.data.participants, [`${BUDI}@s.whatsapp.net`]);
    assertEquals(json.data.added_by, "628987654321@s.whatsapp.net");
  });
}

Deno.test("an event that a webhook has not asked for is not sent there (S1-20)", async () => {
  await using line = await setUp();
  await line.subscribe(["message.received"], `${line.rx.url}/messages`);
  await line.subscribe(["device.connected"], `${line.rx.url}/devices`);

  const device = await line.pair();
  await line.told("device.connected");
  await line.budi.sendText(device.phone, "Halo");
  await line.told("message.received");

  const seen = line.rx.requests.map(({ path, json }) => `${path} ${json.event}`);
  assertEquals(seen.sort(), ["/devices device.connected", "/messages message.received"]);
});

for (const to of [BUDI, `+${BUDI}`, "0812-3456-789", `${BUDI}@s.whatsapp.net`]) {
  Deno.test(`a text to ${to} is sent, and answered with its id (S1-32)`, async () => {
    await using line = await setUp();
    const device = await line.pair();

    const { status, body } = await line.sendText(device, to);

    assert(status >= 200 && status < 300, `status ${status}`);
    assertEquals(body.success, true);
    assertMatch(body.data.message_id, /^msg_/);
    const got = await line.budi.waitMessage(({ id }) => id === body.data.wa_message_id);
    assertEquals(got.message.extendedTextMessage?.text ?? got.message.conversation, "Halo");
  });
}

Deno.test("a text on a device that is not connected is refused (S1-32)", async () => {
  await using line = await setUp();
  const device = await line.pair();
  await line.ask("POST", `/v1/devices/${device.id}/stop`);
  await line.gateway.deviceIs("disconnected", device.id, line.tenant.key);

  const { status, body } = await line.sendText(device);

  assert(status >= 400 && status < 500, `status ${status}`);
  assertEquals(body.success, false);
});
