import { noProxies } from "../../support/no_proxies.ts";
import { createReadInbox } from "../../../src/whatsapp/baileys/inbox_reader.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../../src/async/clock.ts";
import { createDeviceService } from "../../../src/devices/devices.ts";
import { createMessageRoutes } from "../../../src/http/v1/messages.ts";
import { createOutbox } from "../../../src/messages/outbox.ts";
import { createAddressBook } from "../../../src/devices/address_book.ts";
import { createSendMessage } from "../../../src/messages/send.ts";
import { setUpHttp, type TestHttp } from "../../support/http.ts";
import { FakeLines } from "../../support/lines.ts";
import { aMessage, BUDI, FakeLine, recorder } from "../../support/messaging.ts";

const TEXT = "/v1/devices/device_a/messages/text";
const GROUP = "120363025246125486@g.us";

async function setUp(): Promise<TestHttp & { readonly line: FakeLine }> {
  const line = new FakeLine();
  const http = await setUpHttp({
    keyed(store) {
      const now = Date.now;
      const devices = createDeviceService({
        ...store,
        lines: new FakeLines(store.devices),
        proxies: noProxies,
        paced: () => {},
        countryCode: "62",
        now,
      });
      const files = {
        pathOf: (id: string) => id,
        discard: () => Promise.resolve(),
        bring: () => Promise.reject(new Error("no files here")),
      };
      const outbox = createOutbox({
        ...store,
        publish: recorder().publish,
        sessionOf: line.sessionOf,
        phoneOf: line.phoneOf,
        files,
        clock: systemClock,
        retryWaitsMs: [],
      });
      const addresses = createAddressBook({ ...store, now });
      const sendMessage = createSendMessage({
        ...store,
        readInbox: createReadInbox(() => Promise.resolve(new Map())),
        outbox,
        schedule: { added: () => Promise.resolve() },
        isConnected: () => line.up,
        phoneOf: line.phoneOf,
        files,
        countryCode: "62",
        now,
      });
      return [{
        at: "/v1",
        routes: createMessageRoutes({ ...store, devices, sendMessage, addresses, countryCode: "62" }),
      }];
    },
  });
  await http.addDevice("device_a");
  return Object.assign(http, { line });
}

Deno.test("POST messages/text answers with both ids when WhatsApp has accepted", async () => {
  await using http = await setUp();

  const sent = await http.ask("POST", TEXT, { body: { to: "0812-3456-789", text: "halo" } });

  assertEquals([sent.status, sent.at("success")], [200, true]);
  assertMatch(String(sent.at("data.message_id")), /^msg_/);
  assertEquals(sent.at("data.wa_message_id"), http.line.sent[0].waMessageId);
  assertEquals([sent.at("data.to"), sent.at("data.status")], [BUDI, "sent"]);
});

Deno.test("POST messages/text with one Idempotency-Key sends once and answers the same", async () => {
  await using http = await setUp();
  const ask = { body: { to: BUDI, text: "halo" }, headers: { "Idempotency-Key": "order-7" } };

  const first = await http.ask("POST", TEXT, ask);
  const second = await http.ask("POST", TEXT, ask);

  assertEquals(second.at("data.message_id"), first.at("data.message_id"));
  assertEquals(second.headers.get("Idempotency-Replayed"), "true");
  assertEquals(http.line.sent.length, 1);
});

Deno.test("POST messages/text refuses when the device is offline, with its state", async () => {
  await using http = await setUp();
  http.line.up = false;

  const refused = await http.ask("POST", TEXT, { body: { to: BUDI, text: "halo" } });

  assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_NOT_CONNECTED"]);
});

Deno.test("POST messages/text keeps the message for later (wait=false)", async () => {
  await using http = await setUp();
  http.line.up = false;

  const kept = await http.ask("POST", `${TEXT}?wait=false`, { body: { to: BUDI, text: "halo" } });

  assertEquals([kept.status, kept.at("data.status")], [202, "queued"]);
});

Deno.test("POST messages/text refuses a number that is none, with a code of its own", async () => {
  await using http = await setUp();

  const refused = await http.ask("POST", TEXT, { body: { to: "nobody", text: "halo" } });

  assertEquals([refused.status, refused.at("error.code")], [400, "INVALID_RECIPIENT"]);
});

Deno.test("POST messages/text names a mistyped field", async () => {
  await using http = await setUp();

  const refused = await http.ask("POST", TEXT, { body: { to: BUDI, txt: "halo" } });

  assertEquals(refused.status, 400);
  assertStringIncludes(refused.text, "`text`");
});

Deno.test("POST messages/location, contact and poll send what they say", async () => {
  await using http = await setUp();
  const send = (kind: string, body: Readonly<Record<string, unknown>>) =>
    http.ask("POST", `/v1/devices/device_a/messages/${kind}`, { body: { to: BUDI, ...body } });

  const answers = [
    await send("location", { latitude: -6.2, longitude: 106.8, name: "Monas" }),
    await send("contact", { contacts: [{ displayName: "Siti", phone: "0898 7654 321" }] }),
    await send("poll", { question: "Makan?", options: ["Ya", "Tidak"] }),
  ];

  assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
  const [location, contact, poll] = http.line.sent.map(({ content }) => content);
  assertEquals(location, {
    kind: "location",
    latitude: -6.2,
    longitude: 106.8,
    name: "Monas",
    address: undefined,
  });
  assertStringIncludes(JSON.stringify(contact), "waid=628987654321:+628987654321");
  assertEquals(poll, { kind: "poll", question: "Makan?", options: ["Ya", "Tidak"], selectableCount: 1 });
});

Deno.test("GET messages/:id/status tells how far a message has come", async () => {
  await using http = await setUp();
  const message = aMessage({
    deviceId: "device_a",
    status: "sent",
    receipt: "read",
    sentAt: 1_000,
    deliveredAt: 2_000,
    readAt: 3_000,
  });
  await http.store.messages.create(message);

  const byOurId = await http.ask("GET", `/v1/devices/device_a/messages/${message.id}/status`);
  const byWhatsAppsId = await http.ask("GET", `/v1/devices/device_a/messages/${message.waMessageId}/status`);

  assertEquals(byOurId.at("data.status"), "read");
  assertEquals([byOurId.at("data.delivered_at"), byOurId.at("data.read_at")], [2, 3]);
  assertEquals(byWhatsAppsId.at("data.id"), message.id);
});

Deno.test("GET messages/:id/status counts the members of a group", async () => {
  await using http = await setUp();
  const message = aMessage({ deviceId: "device_a", status: "sent", receipt: "delivered", to: GROUP });
  await http.store.messages.create(message);
  const receipt = { messageId: message.id, participant: BUDI, deliveredAt: 1, readAt: null };
  await http.store.receipts.put({ ...receipt, receipt: "delivered" });

  const found = await http.ask("GET", `/v1/devices/device_a/messages/${message.id}/status`);

  assertEquals(found.at("data.group"), { delivered_count: 1, read_count: 0, played_count: 0 });
});

Deno.test("GET /v1/messages/:id does not show another tenant's message", async () => {
  await using http = await setUp();
  const message = aMessage({ deviceId: "device_a" });
  await http.store.messages.create(message);
  const { key } = await http.anotherTenant();

  const own = await http.ask("GET", `/v1/messages/${message.id}`);
  const hidden = await http.ask("GET", `/v1/messages/${message.id}`, { key });

  assertEquals([own.status, hidden.status], [200, 404]);
});

Deno.test("GET messages lists a device's messages page by page, newest first", async () => {
  await using http = await setUp();
  await http.addDevice("device_b");
  const made = ["sent", "failed", "sent", "queued", "sent"].map((status) =>
    aMessage({ deviceId: "device_a", status: status as "sent" })
  );
  await http.store.messages.createAll([...made, aMessage({ deviceId: "device_b" })]);
  const idsOf = (page: { at(path: string): unknown }) =>
    (page.at("data.messages") as readonly { readonly id: string }[]).map(({ id }) => id);

  const first = await http.ask("GET", "/v1/devices/device_a/messages?limit=3");
  const cursor = String(first.at("data.next_cursor"));
  const second = await http.ask("GET", `/v1/devices/device_a/messages?limit=3&cursor=${cursor}`);
  const sent = await http.ask("GET", "/v1/devices/device_a/messages?status=sent&limit=3");

  const newest = made.map(({ id }) => id).toReversed();
  assertEquals([...idsOf(first), ...idsOf(second)], newest);
  assertEquals([second.at("data.next_cursor"), sent.at("data.next_cursor")], [null, null]);
  assertEquals(idsOf(sent), [newest[0], newest[2], newest[4]]);
  assertEquals(first.at("data.messages.0.status"), "sent");
});

Deno.test("GET messages refuses a cursor of another device, and a device of somebody else", async () => {
  await using http = await setUp();
  await http.addDevice("device_b");
  const other = aMessage({ deviceId: "device_b" });
  await http.store.messages.createAll([other]);

  const wrong = await http.ask("GET", `/v1/devices/device_a/messages?cursor=${other.id}`);
  const nobodys = await http.ask("GET", "/v1/devices/device_c/messages");

  assertEquals([wrong.status, nobodys.status], [400, 404]);
  assertStringIncludes(wrong.text, "next_cursor");
});
