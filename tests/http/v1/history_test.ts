import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../../support/until.ts";
import { aNumber, type Gateway, type PairedDevice, runGateway } from "../../support/gateway.ts";

const NOW_S = Math.floor(Date.now() / 1_000);

/** A gateway with a device and a chat: one message is known, and as many older ones only the phone has. */
async function withPast(gateway: Gateway, count: number) {
  const device = await gateway.pair();
  const anna = gateway.simulator.contact(aNumber(), "Anna");
  device.phone.archive.prepend(
    anna.lidJid,
    Array.from({ length: count }, (_, n) => ({
      key: { id: `3EB0PAST${n}`, remoteJid: anna.lidJid, fromMe: n % 2 === 1 },
      message: { conversation: `past ${n}` },
      t: NOW_S - 1_000 - n * 60,
      pushName: "Anna",
    })),
  );
  await anna.sendText(device.phone, "Halo");
  const chat = `/v1/devices/${device.id}/chats/${anna.number}/messages`;
  const messages = async () => (await gateway.api("GET", `${chat}?limit=200`)).body.data.messages;
  await until(async () => (await messages()).length === 1, "the message that is known");
  return { device, anna, messages };
}

const finished = async (gateway: Gateway, { id }: PairedDevice, request: string) => {
  const path = `/v1/devices/${id}/history/${request}`;
  await until(async () => (await gateway.api("GET", path)).body.data.finished_at !== null, "the end");
  return (await gateway.api("GET", path)).body.data;
};

for (const workers of ["0", "1"]) {
  Deno.test(`gateway asks a phone for older messages and keeps them (SESSION_WORKERS=${workers})`, async () => {
    await using gateway = await runGateway({ whatsapp: true, settings: { SESSION_WORKERS: workers } });
    const { device, anna, messages } = await withPast(gateway, 5);

    const asked = await gateway.api("POST", `/v1/devices/${device.id}/history`, {
      chat: anna.number,
      count: 3,
    });
    const done = await finished(gateway, device, asked.body.data.id);
    const texts = (await messages()).map(({ text }: { text: string }) => text);
    const found = await gateway.api("GET", `/v1/devices/${device.id}/search?query=past`);
    const events = await gateway.api("GET", "/v1/events?types=message.received");

    assertEquals([asked.status, asked.body.data.status, asked.body.data.count], [202, "asked", 3]);
    assertEquals([done.status, done.messages, done.added, done.answers], ["done", 3, 3, 1]);
    assertEquals(texts, ["Halo", "past 0", "past 1", "past 2"]);
    assertEquals(found.body.data.count, 3);
    assertEquals(events.body.data.events.length, 1, "without HISTORY_EVENTS the past is no event");
  });
}

Deno.test("gateway asks on until a time is reached, or the phone has no more, in all chats", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { device, messages } = await withPast(gateway, 120);

  const since = NOW_S - 1_000 - 70 * 60;
  const asked = await gateway.api("POST", `/v1/devices/${device.id}/history`, { since });
  const done = await finished(gateway, device, asked.body.data.id);
  const before = NOW_S - 1_000 - 100 * 60;
  const older = await gateway.api("POST", `/v1/devices/${device.id}/history`, { before, since: 1 });
  const exhausted = await finished(gateway, device, older.body.data.id);
  const list = await gateway.api("GET", `/v1/devices/${device.id}/history`);

  assertEquals([done.chat, done.status, done.answers, done.messages], [null, "done", 2, 100]);
  assertEquals([exhausted.status, exhausted.added], ["exhausted", 20]);
  assertEquals((await messages()).length, 121);
  assertEquals(list.body.data.requests.map(({ id }: { id: string }) => id), [exhausted.id, done.id]);
});

Deno.test("gateway sends what phones hand over as events, once, marked, and each chat from its oldest on", async () => {
  await using gateway = await runGateway({
    whatsapp: true,
    settings: { HISTORY_EVENTS: "30", MARK_AS_SEEN: "true" },
  });
  const { device, anna } = await withPast(gateway, 60);
  await anna.sendText(device.phone, "stop", { id: "3EB0STOP" });
  const events = async () =>
    (await gateway.api("GET", "/v1/events?types=message.received&limit=200")).body.data.events
      .map((
        { data }: { data: { text: string; backfilled?: boolean } },
      ) => [data.text, data.backfilled ?? false]);
  await until(async () => (await events()).length === 2, "the live ones");

  for (const count of [30, 60]) {
    const asked = await gateway.api("POST", `/v1/devices/${device.id}/history`, { chat: anna.number, count });
    await finished(gateway, device, asked.body.data.id);
  }
  await until(async () => (await events()).length >= 62, "all events");

  const past = (await events()).filter(([, backfilled]: [string, boolean]) => backfilled);
  assertEquals(past.length, 60);
  assertEquals(new Set(past.map(([text]: [string]) => text)).size, 60);
  // the first 30 may be told before the others have come
  const numbers = past.map(([text]: [string]) => Number(text.split(" ")[1]));
  assertEquals(
    numbers.filter((n: number) => n >= 30).toSorted((a: number, b: number) => b - a),
    numbers.filter((n: number) => n >= 30),
  );
});

Deno.test("gateway refuses what cannot be asked of a phone, and says what it takes", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const { device } = await withPast(gateway, 1);
  const ask = (body: unknown, id = device.id) => gateway.api("POST", `/v1/devices/${id}/history`, body);
  const offline = await gateway.device();

  const refusals = await Promise.all([
    ask({ count: 0 }),
    ask({ count: 1_001 }),
    ask({ before: NOW_S + 100_000 }),
    ask({ since: NOW_S + 100_000 }),
    ask({ since: 20, before: 10 }),
    ask({ since: 20, count: 10 }),
    ask({ chat: "not a number" }),
    ask({ chat: "120363025246125016@newsletter" }),
    ask({ chat: aNumber() }),
    ask({ chats: "x" }),
    ask({}, offline),
    ask({}, "device_none"),
  ]);

  assertEquals(refusals.map(({ status, body }) => [status, body.error.code]), [
    [400, "VALIDATION_ERROR"],
    [400, "VALIDATION_ERROR"],
    [400, "VALIDATION_ERROR"],
    [400, "VALIDATION_ERROR"],
    [400, "VALIDATION_ERROR"],
    [400, "VALIDATION_ERROR"],
    [400, "INVALID_RECIPIENT"],
    [400, "INVALID_RECIPIENT"],
    [422, "NO_MESSAGE_KNOWN"],
    [400, "VALIDATION_ERROR"],
    [409, "DEVICE_NOT_CONNECTED"],
    [404, "NOT_FOUND"],
  ]);
  const said = refusals.map(({ body }) => body.error.message as string);
  assertStringIncludes(said[2], `\`before\` must not be in the future: got ${NOW_S + 100_000}`);
  assertStringIncludes(said[4], "`since` must be earlier than `before`: got 20");
  assert(said.slice(0, 2).every((message) => message.includes("count")), said.join("\n"));
});
