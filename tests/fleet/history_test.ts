import { assertEquals } from "@std/assert";
import { bigHistory } from "../../src/simulator/mod.ts";
import { TestFleet } from "../support/fleet.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { until } from "../support/until.ts";

testWithPostgres("phone is asked for older messages by whichever gateway holds its device", async () => {
  await using fleet = await TestFleet.start({ gateways: 2, devices: 1 });
  const [{ id, phone, writer }] = fleet.devices;
  const t = Math.floor(Date.now() / 1_000) - 1_000;
  phone.archive.prepend(
    writer.lidJid,
    [0, 1, 2].map((n) => ({
      key: { id: `3EB0PAST${n}`, remoteJid: writer.lidJid, fromMe: false },
      message: { conversation: `past ${n}` },
      t: t - n,
      pushName: "Writer",
    })),
  );
  await writer.sendText(phone, "Halo");
  const chat = `/v1/devices/${id}/chats/${writer.number}/messages`;
  await until(async () => (await fleet.call("GET", chat)).body.data.count === 1, "the message that is known");
  const holder = (await fleet.holders()).get(id);
  const other = fleet.places.find(({ name }) => name !== holder)!;

  const asked = await fleet.call(
    "POST",
    `/v1/devices/${id}/history`,
    { chat: writer.number, count: 2 },
    other,
  );
  const request = async () =>
    (await fleet.call("GET", `/v1/devices/${id}/history/${asked.body.data.id}`, undefined, other)).body.data;
  await until(async () => (await request()).finished_at !== null, "the end");

  assertEquals([asked.status, (await request()).status, (await request()).added], [202, "done", 2]);
  assertEquals((await fleet.call("GET", chat, undefined, other)).body.data.count, 3);
});

testWithPostgres("past is told to its end, once, when its gateway is killed in the middle", async () => {
  const CHATS = 20;
  const EACH = 20;
  await using fleet = await TestFleet.start({ gateways: 2, devices: 1, env: { HISTORY_EVENTS: "30" } });
  const [{ id, phone }] = fleet.devices;
  const told = async () => {
    const found: string[] = [];
    for (let after = 0;;) {
      const { body } = await fleet.call("GET", `/v1/events?types=message.received&limit=500&after=${after}`);
      found.push(...body.data.events.map(({ data }: { data: { text: string } }) => data.text));
      if (!body.data.more) return found;
      after = body.data.next;
    }
  };
  const name = (await fleet.holders()).get(id);
  const holder = fleet.places.find((place) => place.name === name)!;
  const [device] = phone.devices.values();

  await phone.sendHistory(device, { kind: "RECENT", chats: bigHistory(CHATS, EACH) });
  await until(async () => (await told()).length >= 100, "some of it");
  await holder.process!.kill();
  holder.gateway = undefined;
  await until(async () => (await told()).length >= CHATS * EACH, "all of it");

  const texts = await told();
  assertEquals([texts.length, new Set(texts).size], [CHATS * EACH, CHATS * EACH]);
  for (let chat = 1; chat <= CHATS; chat++) {
    const own = texts.filter((text) => text.endsWith(` of chat ${chat}`));
    assertEquals(own, Array.from({ length: EACH }, (_, at) => `Message ${at + 1} of chat ${chat}`));
  }
});
