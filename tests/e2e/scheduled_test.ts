import { assertEquals, assertMatch } from "@std/assert";
import { createScheduledRoutes } from "../../src/http/v1/scheduled_messages.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const MINUTE = 60_000;
const DAY = 24 * 3_600_000;
const routes: MoreRoutes = ({ store, lines }) => [
  { at: "/v1", routes: createScheduledRoutes({ ...lines, messages: store.messages }) },
];

/** In this many ms, as people write it. */
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

Deno.test("a text for later is answered at once and listed, and leaves when its time has come", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (text: string, send_at?: string) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text, send_at });
  const [tomorrow, soon] = [Date.now() + DAY, Date.now() + 1_500];

  const far = await send("tomorrow", new Date(tomorrow).toISOString());
  const listed = await gateway.ask("GET", "/v1/messages/scheduled?device=kasir");
  const atOnce = await send("now");
  const near = await send("soon", new Date(soon).toISOString());
  await budi.waitMessage((message) => message.id === near.at("data.wa_message_id"));
  const arrivedAt = Date.now();

  assertEquals([far.status, far.at("data.status"), far.at("data.send_at")], [
    202,
    "scheduled",
    Math.floor(tomorrow / 1000),
  ]);
  assertEquals(listed.at("data.messages.0.message_id"), far.at("data.message_id"));
  assertEquals(budi.inbox.map((message) => message.id), [
    atOnce.at("data.wa_message_id"),
    near.at("data.wa_message_id"),
  ]);
  assertEquals(arrivedAt >= soon, true);
  const left = await gateway.ask("GET", "/v1/messages/scheduled");
  assertEquals([left.at("data.messages.0.message_id"), left.at("data.messages.1")], [
    far.at("data.message_id"),
    undefined,
  ]);
});

Deno.test("a text for later leaves after a restart, also when its time came meanwhile, and a cancelled one never", async () => {
  await using gateway = await startWhatsAppGateway({ routes });
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (text: string, send_at: string | number) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text, send_at });
  const first = await send("first", inMs(10 * MINUTE));
  const cancelled = await send("cancelled", inMs(20 * MINUTE));
  const second = await send("second", Date.now() + 40 * MINUTE);
  const gone = await gateway.ask("DELETE", `/v1/messages/scheduled/${cancelled.at("data.message_id")}`);

  gateway.putForward(30 * MINUTE);
  await gateway.restart();
  await gateway.connected(id);
  await budi.waitMessage((message) => message.id === first.at("data.wa_message_id"));
  const afterFirst = new Set(budi.inbox.map((message) => message.id));
  gateway.putForward(30 * MINUTE);
  await gateway.restart();
  await gateway.connected(id);
  await budi.waitMessage((message) => message.id === second.at("data.wa_message_id"));

  assertEquals([gone.status, gone.at("data.status")], [200, "cancelled"]);
  assertEquals(afterFirst.size, 1);
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
  form.set("send_at", String(Date.now() + 10 * MINUTE));
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  form.set("file", new Blob([png], { type: "image/png" }), "menu.png");

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/image`, form);
  gateway.putForward(20 * MINUTE);
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
  const body = { to: BUDI, text: "once", sendAt: inMs(10 * MINUTE), idempotency_key: "order-7" };
  const send = (more = {}) => gateway.ask("POST", `/v1/devices/${id}/messages/text`, { ...body, ...more });

  const first = await send();
  const same = await send();
  const other = await send({ sendAt: inMs(DAY) });
  gateway.putForward(20 * MINUTE);
  await gateway.restart();
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
