// What happens on the line, as WEBHOOK_URL is told in the format `account`.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { aNumber, type Gateway, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "../support/receiver.ts";

const BUDI = "628123456789";
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly rx: Receiver;
  /** The first request, past or to come, that says this event. */
  told(event: string, check?: (data: ReceivedRequest["json"]) => boolean): Promise<ReceivedRequest>;
}

async function setUp(): Promise<World> {
  const rx = await startReceiver();
  const gateway = await runGateway({ whatsapp: true, settings: { WEBHOOK_URL: rx.url } });
  return {
    gateway,
    rx,
    told: (event, check = () => true) =>
      until(() => rx.requests.find(({ json }) => json.event === event && check(json.data)), event),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

Deno.test("a text that comes in is told (S3-15)", async () => {
  await using world = await setUp();
  const device = await world.gateway.pair();
  const budi = world.gateway.simulator.contact(BUDI, "John Doe");

  const messageId = await budi.sendText(device.phone, "Hello from WhatsApp!");

  const { json } = await world.told("message.received");
  assertMatch(json.timestamp, ISO);
  assertEquals(json.data.messageId, messageId);
  assertEquals(json.data.from, `${BUDI}@s.whatsapp.net`);
  assert(json.data.timestamp >= 1e12, `timestamp ${json.data.timestamp}`);
  assertEquals(json.data.messageType, "text");
  assertEquals(json.data.content, { text: "Hello from WhatsApp!" });
  assertEquals(json.data.sender.jid, `${BUDI}@s.whatsapp.net`);
  assertEquals(json.data.sender.pushName, "John Doe");
});

Deno.test("a text that is sent over the API is told (S3-16)", async () => {
  await using world = await setUp();
  const device = await world.gateway.pair();
  const budi = world.gateway.simulator.contact(BUDI, "Budi");

  await world.gateway.api("POST", `/v1/devices/${device.id}/messages/text`, {
    to: BUDI,
    text: "Hello from API!",
  });

  const { json } = await world.told("message.sent");
  const [got] = budi.inbox;
  assertEquals(json.data.messageId, got.id);
  assertEquals(json.data.to, `${BUDI}@s.whatsapp.net`);
  assertEquals(json.data.messageType, "text");
  assertEquals(json.data.content, { text: "Hello from API!" });
  assertMatch(json.data.timestamp, ISO);
});

Deno.test("a line that connects, and one that disconnects, is told (S3-17)", async () => {
  await using world = await setUp();

  const device = await world.gateway.pair();
  const { json } = await world.told("connection.status", (data) => data.isConnected);
  const before = world.rx.requests.length;
  await world.gateway.api("POST", `/v1/devices/${device.id}/stop`);

  assertEquals([json.data.isConnected, json.data.qrCode], [true, null]);
  assertMatch(json.data.timestamp, ISO);
  const last = (await world.rx.waitFor(before + 1)).at(-1)?.json;
  assertEquals([last.event, last.data.isConnected], ["connection.status", false]);
});

Deno.test("a code that can be scanned is told (S3-17)", async () => {
  await using world = await setUp();
  const { body } = await world.gateway.api("POST", "/v1/devices", { label: "Kasir" });

  const qr = await world.gateway.api("POST", `/v1/devices/${body.data.id}/pairing/qr`);

  const { json } = await world.told("connection.status", (data) => data.qrCode !== null);
  assertEquals([json.data.isConnected, json.data.qrCode], [false, qr.body.data.qr]);
});

Deno.test("a send that failed three times is told (S3-18)", async () => {
  await using world = await setUp();
  const device = await world.gateway.pair();
  world.gateway.simulator.contact(BUDI, "Budi");
  world.gateway.simulator.faults.refuse = () => 500;

  await world.gateway.api("POST", `/v1/devices/${device.id}/messages/text?wait=false`, {
    to: BUDI,
    text: "Hello from API!",
  });

  const { json } = await world.told("error.occurred");
  assertEquals(json.data.errorType, "message.send.failed");
  assert(typeof json.data.errorMessage === "string" && json.data.errorMessage !== "");
  assertEquals(json.data.context.jid, `${BUDI}@s.whatsapp.net`);
  assertEquals(json.data.context.attempts, 3);
  assertMatch(json.data.timestamp, ISO);
});

/** Links the account by the QR code that it shows, as its only device. */
async function linkAccount({ gateway }: World) {
  const { body } = await gateway.api("GET", "/api/whatsapp/qr");
  const phone = gateway.simulator.phone(aNumber(), "Gateway");
  await gateway.simulator.scanQr(body.qr, phone);
  await until(
    async () => (await gateway.api("GET", "/api/whatsapp/status")).body.data.isConnected,
    "the account to be connected",
  );
  return phone;
}

Deno.test("the account is linked by the QR code that it shows", async () => {
  await using world = await setUp();
  const before = await world.gateway.api("GET", "/api/whatsapp/status");

  const phone = await linkAccount(world);

  const after = await world.gateway.api("GET", "/api/whatsapp/status");
  assertEquals([before.status, before.body.data.isConnected], [200, false]);
  assertEquals([after.body.data.isConnected, after.body.data.phoneNumber], [true, phone.number]);
  await world.told("connection.status", (data) => data.isConnected);
});

Deno.test("a text that the account sends is answered with its id, and told (S3-16)", async () => {
  await using world = await setUp();
  await linkAccount(world);
  const budi = world.gateway.simulator.contact(BUDI, "Budi");

  const { status, body } = await world.gateway.api("POST", "/api/whatsapp/send-message", {
    to: BUDI,
    message: "Hello from API!",
  });

  assertEquals([status, body.success, body.messageId], [200, true, budi.inbox[0].id]);
  const { json } = await world.told("message.sent");
  assertEquals([json.data.messageId, json.data.to], [body.messageId, `${BUDI}@s.whatsapp.net`]);
});

Deno.test("a text of the account that cannot be sent is refused", async () => {
  await using world = await setUp();
  await linkAccount(world);
  const mistakes = [
    { message: "Hello" },
    { to: BUDI },
    { to: BUDI, message: "" },
    { to: BUDI, message: "x".repeat(4097) },
    { to: "12345", message: "Hello" },
    { to: 628123456789, message: "Hello" },
  ];

  for (const mistake of mistakes) {
    const { status, body } = await world.gateway.api("POST", "/api/whatsapp/send-message", mistake);
    assertEquals([status, body.success, typeof body.message], [400, false, "string"]);
  }
});

Deno.test("an account that is logged out is told (S3-17)", async () => {
  await using world = await setUp();
  const phone = await linkAccount(world);

  const { status } = await world.gateway.api("POST", "/api/whatsapp/logout");

  assertEquals(status, 200);
  await until(() => phone.devices.size === 0, "the phone to forget the device");
  const last = await until(
    () =>
      world.rx.requests.findLast(({ json }) => json.event === "connection.status" && !json.data.isConnected),
    "the end of the connection",
  );
  assertEquals(last.json.data.qrCode, null);
});
