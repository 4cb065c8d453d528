import { createHmac } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { UNIVERSAL_EVENTS } from "../../../src/providers/universal/parse.ts";
import { universalBody } from "../../support/inbound_bodies.ts";
import { aDevice } from "../../support/messaging.ts";
import { type Receiving, setUpReceiving } from "../../support/receiving.ts";

const PATH = "/api/whatsapp/webhook";
const QR = { sessionId: "test-session", event: "qr", data: { qr: "sample-qr-code" } };

function signature(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

async function statusesOf(
  server: Receiving,
  bodies: readonly unknown[],
  path = PATH,
): Promise<readonly number[]> {
  const statuses = [];
  for (const body of bodies) statuses.push((await server.post(path, body)).status);
  return statuses;
}

Deno.test("universal receiver tells that it is there", async () => {
  await using server = await setUpReceiving();

  const [universal, session] = [await server.get(PATH), await server.get(`${PATH}/s-9`)];

  assertEquals([universal.status, universal.json.success, universal.json.message], [
    200,
    true,
    "Universal webhook endpoint ready",
  ]);
  assertEquals(universal.json.supportedEvents, [...UNIVERSAL_EVENTS]);
  assertEquals([session.status, session.json.message], [200, "Webhook endpoint ready for session s-9"]);
});

Deno.test("universal receiver says what it processed", async () => {
  await using server = await setUpReceiving();

  const answer = await server.post(PATH, QR);

  assertEquals(answer, {
    status: 200,
    json: { success: true, message: "Webhook event qr processed for session test-session" },
  });
});

Deno.test("universal receiver takes each event that it lists, at both addresses", async () => {
  await using server = await setUpReceiving();
  const message = {
    id: { fromMe: false, remote: "6281234567890@c.us", id: "3EB0AA" },
    body: "x",
    type: "chat",
  };
  const data = {
    qr: "code",
    reason: "LOGOUT",
    msg: "bad",
    state: "CONNECTED",
    percent: 10,
    message,
    ack: 1,
    call: { id: "C", from: "6281234567890@c.us" },
    messageMedia: { mimetype: "image/png" },
  };
  const bodies = UNIVERSAL_EVENTS.map((event) => ({ sessionId: "s-9", event, data }));

  const statuses = [...await statusesOf(server, bodies), ...await statusesOf(server, bodies, `${PATH}/s-9`)];

  assertEquals(new Set(statuses), new Set([200]));
});

Deno.test("universal receiver takes bare bodies, and those of stock servers", async () => {
  await using server = await setUpReceiving();
  const bodies = [
    { qr: "x" },
    { state: "CONNECTED" },
    { reason: "LOGOUT" },
    { message: { id: "m" } },
    { event: "ready", data: {} },
    { sessionId: "s-9", event: "qr", data: { qr: "x" } },
    { dataType: "qr", data: { qr: "x" }, sessionId: "s-9" },
    { foo: 1 },
  ];

  const statuses = await statusesOf(server, bodies, `${PATH}/s-9`);

  assertEquals(statuses, [200, 200, 200, 200, 200, 200, 200, 400]);
});

Deno.test("universal receiver refuses what has no session or event, and what is not JSON", async () => {
  await using server = await setUpReceiving();

  const answer = await server.post(PATH, { event: "qr", data: { qr: "x" } });
  const statuses = await statusesOf(server, [{ sessionId: "s" }, "{", { sessionId: "s", event: "ready" }]);

  assertEquals([answer.status, answer.json.success, answer.json.error], [
    400,
    false,
    "Invalid webhook payload. Required: sessionId, event",
  ]);
  assertEquals(statuses, [400, 400, 200]);
});

Deno.test("universal receiver takes only signed bodies once there is a secret", async () => {
  await using server = await setUpReceiving({ secret: "SEC" });
  const body = JSON.stringify(QR);
  const ask = async (headers: Record<string, string>, path = PATH) =>
    (await server.post(path, body, { headers })).status;
  const good = signature("SEC", body);

  const statuses = [
    await ask({ "X-Webhook-Signature": good }),
    await ask({ "X-Webhook-Signature": good.slice("sha256=".length) }),
    await ask({ "X-Hub-Signature-256": good }),
    await ask({ "X-Webhook-Signature": good }, `${PATH}/test-session`),
    await ask({}),
    await ask({}, `${PATH}/test-session`),
    await ask({ "X-Webhook-Signature": good.replace(/.$/, (digit) => digit === "0" ? "1" : "0") }),
    await ask({ "X-Webhook-Signature": signature("SEC", `${body} `) }),
  ];

  assertEquals(statuses, [200, 200, 200, 200, 401, 401, 401, 401]);
});

Deno.test("universal receiver stores nothing of an unsigned body", async () => {
  await using server = await setUpReceiving({ secret: "SEC" });

  const answer = await server.post(PATH, QR);

  assertEquals([answer.status, answer.json.success, answer.json.error], [
    401,
    false,
    "Missing webhook signature",
  ]);
  assertEquals([await server.events(), await server.store.devices.list({})], [[], []]);
});

Deno.test("universal receiver does not look at signatures without a secret", async () => {
  await using server = await setUpReceiving();

  const answer = await server.post(PATH, QR, { headers: { "X-Webhook-Signature": "garbage" } });

  assertEquals(answer.status, 200);
});

Deno.test("universal receiver takes a hundred requests of an address in a minute, at both addresses together", async () => {
  let at = 1_762_000_000_000;
  await using server = await setUpReceiving({ now: () => at });
  const ask = async (path: string, from = "127.0.0.1") => await server.post(path, QR, { from });
  const first = await Promise.all(
    Array.from({ length: 100 }, (_, index) => ask(index % 2 ? PATH : `${PATH}/s`)),
  );

  const over = await ask(PATH);
  const other = await ask(PATH, "127.0.0.2");
  const reading = await server.get(PATH);
  at += 61_000;
  const later = await ask(PATH);

  assertEquals(new Set(first.map(({ status }) => status)), new Set([200]));
  assertEquals([over.status, over.json.success, over.json.error], [429, false, "Rate limit exceeded"]);
  assertEquals([other.status, reading.status, later.status], [200, 200, 200]);
});

Deno.test("universal receiver counts requests with a wrong signature", async () => {
  await using server = await setUpReceiving({ secret: "SEC" });
  for (let asked = 0; asked < 100; asked++) await server.post(PATH, "{}");

  const answer = await server.post(PATH, "{}");

  assertEquals(answer.status, 429);
});

Deno.test("universal receiver does not believe an address that a client made up", async () => {
  await using server = await setUpReceiving();
  const ask = (index: number) => server.post(PATH, QR, { headers: { "X-Forwarded-For": `10.0.0.${index}` } });
  for (let index = 0; index < 100; index++) await ask(index);

  const answer = await ask(200);

  assertEquals(answer.status, 429);
});

Deno.test("universal receiver makes a device of a session", async () => {
  await using server = await setUpReceiving();

  await server.post(PATH, QR);

  const device = await server.store.devices.find("tenant_default", "test-session");
  assertEquals([device?.kind, device?.alias, device?.status], ["external", "test-session", "pairing"]);
  assert(device?.id.startsWith("device_"));
});

Deno.test("universal receiver makes one device of a session whose first reports race", async () => {
  await using server = await setUpReceiving();

  await Promise.all(Array.from({ length: 10 }, () => server.post(PATH, QR)));

  assertEquals((await server.store.devices.list({})).length, 1);
});

Deno.test("universal receiver shows the state of a session", async () => {
  await using server = await setUpReceiving();
  await server.post(PATH, QR);
  const paired = await server.externalDevices.statusOf("test-session");

  await server.post(PATH, { sessionId: "test-session", event: "ready", data: {} });
  const ready = await server.externalDevices.statusOf("test-session");

  assertEquals([paired?.status, paired?.qr, paired?.needsQR, paired?.isConnected], [
    "qr_generated",
    "sample-qr-code",
    true,
    false,
  ]);
  assert(paired?.qrImage?.startsWith("data:image/png;base64,"));
  assertEquals([ready?.status, ready?.qr, ready?.qrImage, ready?.isConnected, ready?.needsQR], [
    "session_connected",
    null,
    null,
    true,
    false,
  ]);
  assertEquals(await server.externalDevices.statusOf("unknown"), undefined);
});

Deno.test("universal receiver leaves the gateway's own devices alone", async () => {
  await using server = await setUpReceiving();
  await server.store.devices.create(aDevice({ id: "device_own", alias: "shop" }));

  const answer = await server.post(PATH, {
    sessionId: "shop",
    event: "disconnected",
    data: { reason: "LOGOUT" },
  });

  assertEquals([answer.status, answer.json.success], [409, false]);
  assertEquals((await server.store.devices.get("device_own"))?.status, "connected");
});

Deno.test("universal receiver publishes a message that is reported twice once", async () => {
  await using server = await setUpReceiving();
  const message = {
    id: { fromMe: false, remote: "6281234567890@c.us", id: "3EB0AA" },
    body: "halo",
    type: "chat",
  };

  await server.post(PATH, { sessionId: "s-9", event: "message_create", data: { message } });
  await server.post(PATH, { sessionId: "s-9", event: "message", data: { message } });

  const events = await server.events();
  assertEquals(events.map(({ type, device }) => [type, device?.alias]), [["message.received", "s-9"]]);
});

Deno.test("universal receiver leaves a line with the word webhook for each request", async () => {
  await using server = await setUpReceiving();

  await server.post(PATH, QR);

  const [line] = await server.store.systemLog.list({ level: "info" }, { limit: 1 });
  assertEquals(line.message, "WhatsApp server webhook received: qr");
  assert(!JSON.stringify(line).includes("sample-qr-code"));
});

Deno.test("universal receiver answers no body with a fault of its own", async () => {
  await using server = await setUpReceiving();
  let asked = 0;

  await fc.assert(
    fc.asyncProperty(universalBody(), async (body) => {
      const from = `10.0.${asked >> 8}.${asked++ & 255}`;
      const sent = JSON.stringify(body) ?? "";
      const answers = await Promise.all(
        [PATH, `${PATH}/s-9`].map((path) => server.post(path, sent, { from })),
      );

      for (const { status } of answers) assert(status < 500, `answered ${status} to ${sent}`);
    }),
    { numRuns: 50 },
  );
});

Deno.test("universal receiver makes no device of a name with signs that hide or turn what is read", async () => {
  await using server = await setUpReceiving();

  for (const sign of ["\u2028", "\u0085", "\u202E", "\u2066", "\n", "\u001b"]) {
    const answer = await server.post("/api/whatsapp/webhook", {
      sessionId: `x${sign}gnp`,
      event: "ready",
      data: {},
    });
    assertEquals(answer.status, 400, JSON.stringify(sign));
  }

  assertEquals(await server.store.devices.list({ kind: "external" }), []);
});
