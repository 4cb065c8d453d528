import { assertEquals, assertMatch } from "@std/assert";
import { createScheduledRoutes } from "../../src/http/v1/scheduled_messages.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const DAY = 24 * 3_600_000;
const routes: MoreRoutes = ({ store, lines }) => [
  { at: "/v1", routes: createScheduledRoutes({ ...lines, messages: store.messages }) },
];

/** In this many ms, as people write it. */
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

Deno.test("a text for later is answered at once, listed, and leaves when its time has come", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const at = Date.now() + 1_500;

  const body = { to: BUDI, text: "later", send_at: new Date(at).toISOString() };
  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, body);
  const listed = await gateway.ask("GET", "/v1/messages/scheduled?device=kasir");
  const atOnce = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text: "now" });
  await budi.waitMessage((message) => message.id === sent.at("data.wa_message_id"));
  const arrivedAt = Date.now();

  assertEquals([sent.status, sent.at("data.status"), sent.at("data.send_at")], [
    202,
    "scheduled",
    Math.floor(at / 1000),
  ]);
  assertEquals(listed.at("data.messages.0.message_id"), sent.at("data.message_id"));
  assertEquals(budi.inbox.map((message) => message.id), [
    atOnce.at("data.wa_message_id"),
    sent.at("data.wa_message_id"),
  ]);
  assertEquals(arrivedAt >= at, true);
  assertEquals((await gateway.ask("GET", "/v1/messages/scheduled")).at("data.messages"), []);
});

Deno.test("a text for later leaves after a restart, also when its time came meanwhile, and a cancelled one never", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (text: string, send_at: string | number) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text, send_at });
  const first = await send("first", inMs(300));
  const cancelled = await send("cancelled", inMs(1_500));
  const second = await send("second", Date.now() + 2_000);
  const gone = await gateway.ask("DELETE", `/v1/messages/scheduled/${cancelled.at("data.message_id")}`);

  await gateway.restart();
  await gateway.connected(id);
  await budi.waitMessage((message) => message.id === second.at("data.wa_message_id"));

  assertEquals([gone.status, gone.at("data.status")], [200, "cancelled"]);
  const arrived = new Set(budi.inbox.map((message) => message.id)); // one that a stop caught is sent again
  assertEquals([...arrived], [
    first.at("data.wa_message_id"),
    second.at("data.wa_message_id"),
  ]);
  const again = await gateway.ask("DELETE", `/v1/messages/scheduled/${cancelled.at("data.message_id")}`);
  assertEquals([again.status, again.at("error.code")], [409, "NOT_SCHEDULED"]);
});

Deno.test("a picture for later keeps its file over a restart", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const form = new FormData();
  form.set("to", BUDI);
  form.set("send_at", String(Date.now() + 1_500));
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  form.set("file", new Blob([png], { type: "image/png" }), "menu.png");

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/image`, form);
  await gateway.restart();
  await gateway.connected(id);
  const received = await budi.waitMessage((message) => message.id === sent.at("data.wa_message_id"));

  assertEquals([sent.status, sent.at("data.status")], [202, "scheduled"]);
  assertEquals(received.message.imageMessage?.mimetype, "image/png");
});

Deno.test("a text for later is taken for a device that is not connected, and once for one idempotency key", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await gateway.ask("POST", `/v1/devices/${id}/stop`);
  const body = { to: BUDI, text: "once", sendAt: inMs(1_000), idempotency_key: "order-7" };
  const send = (more = {}) => gateway.ask("POST", `/v1/devices/${id}/messages/text`, { ...body, ...more });

  const first = await send();
  const same = await send();
  const other = await send({ sendAt: inMs(DAY) });
  await gateway.ask("POST", `/v1/devices/${id}/start`);
  await budi.waitMessage((message) => message.id === first.at("data.wa_message_id"));
  const late = await send();

  assertEquals([first.status, same.status, late.status], [202, 202, 200]);
  assertEquals(same.at("data.message_id"), first.at("data.message_id"));
  assertEquals([other.status, other.at("error.code")], [422, "IDEMPOTENCY_KEY_REUSED"]);
  assertEquals(budi.inbox.length, 1);
});

Deno.test("what waits for its time fails when its device is removed", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, {
    to: BUDI,
    text: "later",
    send_at: inMs(DAY),
  });

  await gateway.ask("DELETE", `/v1/devices/${id}`);

  const status = (await gateway.ask("GET", `/v1/messages/${sent.at("data.message_id")}`)).at("data.status");
  assertEquals(status, "failed");
});

Deno.test("a time that cannot be one is refused by name, whatever is wrong with it", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const send = (send_at: unknown) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text: "x", send_at });

  const unclear = await send("2027-01-31T08:30:00");
  const tomorrow = await send("tomorrow");
  const half = await send(1.5);
  const past = await send(inMs(-DAY));
  const far = await send(Math.floor(Date.now() / 1000) + 400 * 86_400);

  assertEquals([unclear, tomorrow, half, past, far].map(({ status }) => status), [400, 400, 400, 400, 400]);
  assertMatch(
    JSON.stringify(unclear.body),
    /`send_at` must be a time with its offset.*got \\"2027-01-31T08:30:00\\"/,
  );
  assertMatch(JSON.stringify(tomorrow.body), /`send_at` must be a time with its offset/);
  assertMatch(JSON.stringify(past.body), /`send_at` must be in the future/);
  assertMatch(JSON.stringify(far.body), /`send_at` must be at most a year ahead/);
});
