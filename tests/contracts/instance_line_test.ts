// What happens on an instance's line, as its webhookUrl is told in the format `instance`.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { aNumber, type Gateway, runGateway } from "../support/gateway.ts";
import { since } from "../support/since.ts";
import { until } from "../support/until.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "../support/receiver.ts";

const BUDI = "6281234567890";
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly rx: Receiver;
  /** The instance, not connected yet; its `webhookUrl` is the receiver. */
  readonly instance: string;
  /** The first request, past or to come, that says this event. */
  told(event: string, check?: (data: ReceivedRequest["json"]) => boolean): Promise<ReceivedRequest>;
}

async function setUp(): Promise<World> {
  const rx = await startReceiver();
  const gateway = await runGateway({ whatsapp: true });
  const instance = await gateway.device();
  const set = await gateway.api("PUT", `/api/instance/${instance}`, { webhookUrl: rx.url });
  assertEquals(set.status, 200, set.text);
  return {
    gateway,
    rx,
    instance,
    told: (event, check = () => true) =>
      until(() => rx.requests.find(({ json }) => json.event === event && check(json.data)), event),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

Deno.test("an instance that connects is told (S4-06)", async () => {
  await using world = await setUp();

  const { phone } = await world.gateway.pair({ id: world.instance });

  const { json } = await world.told("session.status", ({ status }) => status === "connected");
  assertEquals(Object.keys(json), ["event", "instanceId", "timestamp", "data"]);
  assertEquals(json.instanceId, world.instance);
  assertMatch(json.timestamp, ISO);
  assertEquals(json.data.phoneNumber, phone.number);
});

Deno.test("a session is qr, connecting, connected or disconnected, and nothing else (S4-07)", async () => {
  await using world = await setUp();
  const { linked } = await world.gateway.pair({ id: world.instance });

  linked.drop();
  await world.told("session.status", ({ status }) => status === "disconnected");
  await world.gateway.deviceIs("connected", world.instance);
  const before = world.rx.requests.length;
  await world.gateway.api("POST", `/v1/devices/${world.instance}/logout`);
  await world.rx.waitFor(before + 1);

  const statuses = world.rx.requests
    .filter(({ json }) => json.event === "session.status").map(({ json }) => json.data.status);
  assertEquals(new Set(statuses), new Set(["qr", "connecting", "connected", "disconnected"]));
});

Deno.test("a text that comes in is told (S4-08)", async () => {
  await using world = await setUp();
  const { phone } = await world.gateway.pair({ id: world.instance });
  const isSince = since();

  const messageId = await world.gateway.simulator.contact(BUDI, "Budi").sendText(phone, "Hello!");

  const { json } = await world.told("message.received");
  assertEquals(json.instanceId, world.instance);
  assertMatch(json.timestamp, ISO);
  const { data } = json;
  assertEquals(data.messageId, messageId);
  assertEquals([data.from, data.chatId], [`${BUDI}@s.whatsapp.net`, `${BUDI}@s.whatsapp.net`]);
  assertEquals([data.body, data.type], ["Hello!", "text"]);
  assertMatch(data.timestamp, ISO);
  assert(isSince(Date.parse(data.timestamp)));
});

Deno.test("a message that is sent, then delivered, is told (S4-09)", async () => {
  await using world = await setUp();
  await world.gateway.pair({ id: world.instance });
  const budi = world.gateway.simulator.contact(BUDI, "Budi");
  budi.autoReceipts = ["delivered"];

  await world.gateway.api("POST", `/v1/devices/${world.instance}/messages/text`, {
    to: BUDI,
    text: "Hello!",
  });

  const sent = await world.told("message.sent");
  const updated = await world.told("message.updated", ({ status }) => status === "delivered");
  const [got] = budi.inbox;
  assertEquals([sent.json.data.messageId, updated.json.data.messageId], [got.id, got.id]);
  assertEquals([sent.json.instanceId, updated.json.instanceId], [world.instance, world.instance]);
});

Deno.test("an instance is created with a webhookUrl, and told from its first QR code on (S4-06)", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ whatsapp: true });

  const created = await gateway.api("POST", "/api/instance/create", {
    name: "Toko",
    id: "toko",
    webhookUrl: rx.url,
  });
  const { body } = await gateway.api("GET", "/api/instance/toko/qr");
  const phone = gateway.simulator.phone(aNumber(), "Gateway");
  await gateway.simulator.scanQr(body.data.qr, phone);
  await gateway.deviceIs("connected", "toko");

  assertEquals([created.status, created.body.data.id], [201, "toko"]);
  assertEquals(created.body.data.webhookUrl, rx.url);
  const connected = await until(
    () => rx.requests.find(({ json }) => json.data.status === "connected"),
    "the connection",
  );
  assertEquals(connected.json.data.phoneNumber, phone.number);
  assertEquals(new Set(rx.requests.map(({ json }) => json.instanceId)), new Set(["toko"]));
  assert(rx.requests.some(({ json }) => json.data.status === "qr"));
  const shown = await gateway.api("GET", "/api/instance/toko/status");
  assertEquals([shown.body.data.status, shown.body.data.phoneNumber], ["connected", phone.number]);
});

Deno.test("an instance that is logged out is told (S4-07)", async () => {
  await using world = await setUp();
  await world.gateway.pair({ id: world.instance });

  const { status } = await world.gateway.api("POST", `/api/instance/${world.instance}/logout`);

  assertEquals(status, 200);
  const { json } = await world.told("session.status", ({ status }) => status === "disconnected");
  assertEquals(json.data.reason, "logged_out");
});

Deno.test("a text that an instance sends is answered with its id, and told (S4-09)", async () => {
  await using world = await setUp();
  await world.gateway.pair({ id: world.instance });
  const budi = world.gateway.simulator.contact(BUDI, "Budi");

  const { status, body } = await world.gateway.api("POST", "/api/message/send/text", {
    instanceId: world.instance,
    to: BUDI,
    message: "Hello!",
  });

  assertEquals([status, body.success, body.data.messageId], [200, true, budi.inbox[0].id]);
  const { json } = await world.told("message.sent");
  assertEquals(json.data.messageId, body.data.messageId);
});

Deno.test("an instance that is deleted is gone, and posts nothing more", async () => {
  await using world = await setUp();
  const { phone } = await world.gateway.pair({ id: world.instance });

  const { status } = await world.gateway.api("DELETE", `/api/instance/${world.instance}`);

  assertEquals(status, 200);
  await until(() => phone.devices.size === 0, "the phone to forget the device");
  assertEquals((await world.gateway.api("GET", `/api/instance/${world.instance}/status`)).status, 404);
  assertEquals((await world.gateway.api("GET", "/v1/webhooks")).body.data.total, 0);
});
