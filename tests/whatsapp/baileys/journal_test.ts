import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../../../src/errors.ts";
import type { LinkedDevice } from "../../../src/simulator/mod.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const never = () => new Promise<void>(() => {});

function receiptFor(device: LinkedDevice, id: string) {
  return device.receipts.find(({ attrs }) => attrs.id === id && attrs.type !== "retry");
}

withWorld("journal brings back a message whose publishing a crash has cut off, once", async (world) => {
  const { reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  reports.store = never;

  const id = await anna.sendText(phone, "Jangan hilang");
  await until(() => receiptFor(device, id), "the delivery receipt");
  const afterwards = new Reports();
  await world.again().open("device_1", afterwards);
  await afterwards.logged("connected");

  const [received, ...others] = afterwards.of("message.received");
  assertEquals([received?.data.messageId, received?.data.offline, others.length], [id, true, 0]);
  assertEquals(received?.data.from, { pn: anna.pnJid, lid: anna.lidJid, pushName: "Anna" });
  assertEquals(await world.inbox.unpublished("device_1", 10), []);
  assertEquals(reports.drafts, []);
});

withWorld("journal gives a replayed message the key of the live one", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await anna.sendText(phone, "Halo");
  await reports.data("message.received");
  await until(() => [...world.inbox.rows.values()].every(({ published }) => published), "the mark");
  world.loseMarks();

  const afterwards = new Reports();
  await world.again().open("device_1", afterwards);
  await afterwards.logged("connected");

  assertEquals(
    afterwards.drafts.map(({ dedupeKey }) => dedupeKey),
    reports.drafts.map((draft) => draft.dedupeKey),
  );
});

withWorld("journal holds the receipt back until the message is written down", async (world) => {
  const { reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { promise: disk, resolve: written } = Promise.withResolvers<void>();
  const journal = world.inbox.journal.bind(world.inbox);
  let asked = 0;
  world.inbox.journal = async (message) => {
    asked++;
    await disk;
    await journal(message);
  };

  const id = await anna.sendText(phone, "Halo");
  await until(() => asked === 1, "the journal");
  const before = receiptFor(device, id);
  written();
  await until(() => receiptFor(device, id), "the delivery receipt");

  assertEquals(before, undefined);
  assertEquals((await reports.data("message.received")).messageId, id);
});

withWorld("journal loses nothing when a crash comes before the keys are stored", async (world) => {
  const { phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { setKeys } = world.credentials;
  let blocked = false;
  const { promise: crash, reject: die } = Promise.withResolvers<void>();
  world.credentials.setKeys = (deviceId, entries) => {
    // names of people and the like are written beside the message, not with it
    if (!entries.some(({ type, id }) => type === "session" && id.startsWith(anna.lid))) {
      return setKeys(deviceId, entries);
    }
    blocked = true;
    return crash;
  };

  const id = await anna.sendText(phone, "Di antara");
  await until(() => blocked, "the keys");
  world.credentials.setKeys = setKeys;
  const afterwards = new Reports();
  await world.again().open("device_1", afterwards);
  await until(() => receiptFor(device, id), "the delivery receipt");
  await until(() => device.pending.size === 0, "an empty backlog");

  die(new StoreUnavailableError("the process is gone"));
  await afterwards.data("message.received");
  const keys = new Set(afterwards.of("message.received").map(({ dedupeKey }) => dedupeKey));
  assertEquals(keys.size, 1);
  assertEquals(afterwards.of("message.received")[0].data.content, { kind: "text", text: "Di antara" });
});

withWorld("journal waits for a store that is away, and the session lives on", async (world) => {
  const { reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const journal = world.inbox.journal.bind(world.inbox);
  let refusals = 2;
  world.inbox.journal = async (message) => {
    if (refusals-- > 0) throw new StoreUnavailableError("the disk is full");
    await journal(message);
  };

  const id = await anna.sendText(phone, "Sabar");
  await until(() => receiptFor(device, id), "the delivery receipt");

  assertEquals((await reports.data("message.received")).messageId, id);
  assertEquals(reports.ends, []);
});

withWorld("journal gets a stranger's message though its keys cannot be read when it comes", async (world) => {
  const { reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { keys } = world.credentials;
  let refusals = 3;
  world.credentials.keys = (...asked) =>
    refusals-- > 0 ? Promise.reject(new StoreUnavailableError("the server is away")) : keys(...asked);

  const id = await anna.sendText(phone, "Halo");
  await until(() => receiptFor(device, id), "the delivery receipt");

  assertEquals((await reports.data("message.received")).messageId, id);
  assertEquals([reports.ends, refusals < 0], [[], true]);
});

for (
  const [whose, content, type] of [
    ["a stranger without a number", { conversation: "Halo" }, "hidden-lid"],
    [
      "a chat whose messages disappear",
      { extendedTextMessage: { text: "Halo", contextInfo: { expiration: 86_400 } } },
      "chat-timer",
    ],
  ] as const
) {
  withWorld(`journal gets a message of ${whose} though the store is away when it comes`, async (world) => {
    const { reports, phone, device } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    anna.isNumberHidden = type === "hidden-lid";
    anna.addressing = "lid";
    const { setKeys } = world.credentials;
    let refusals = 2;
    world.credentials.setKeys = (deviceId, entries) =>
      entries.some((entry) => entry.type === type) && refusals-- > 0
        ? Promise.reject(new StoreUnavailableError("the server is away"))
        : setKeys(deviceId, entries);

    const id = await anna.send(phone, content);
    await until(() => receiptFor(device, id), "the delivery receipt");

    assertEquals((await reports.data("message.received")).messageId, id);
    assertEquals(device.receipts.filter(({ attrs }) => attrs.id === id && attrs.type === "retry"), []);
    assertEquals([reports.ends, refusals < 0], [[], true]);
  });
}

withWorld("journal has only what says something", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const group = world.simulator.group("Keluarga", [phone, anna]);

  // the first message to a group brings the sender's key along
  const id = await anna.sendText(group, "Halo semua");
  await reports.data("message.received");

  assertEquals([...world.inbox.rows.values()].map(({ message }) => message.messageId), [id]);
});

withWorld("session asks again for what it cannot decrypt, and reports it once", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await anna.sendText(phone, "pemanasan");
  await reports.data("message.received");

  const id = await anna.sendText(phone, "rusak di jalan", { corrupt: true });
  const { messageId, content } = await reports.data("message.received", 2);

  assertEquals([messageId, content], [id, { kind: "text", text: "rusak di jalan" }]);
  assertEquals(anna.retriesAsked, 1);
  assertEquals(reports.of("message.received").length, 2);
});

withWorld("session lets WhatsApp keep a receipt until it is stored", async (world) => {
  const { session, reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await session.send({ waMessageId: "3EB0AA01", to: anna.pnJid, content: { kind: "text", text: "Halo" } }, {
    timeoutMs: 60_000,
  });
  const { promise: disk, resolve: stored } = Promise.withResolvers<void>();
  let asked = false;
  reports.store = () => {
    asked = true;
    return disk;
  };
  const acked = () => device.acks.some(({ attrs }) => attrs.class === "receipt" && attrs.id === "3EB0AA01");

  anna.sendReceipt(phone, "3EB0AA01", "read", anna.pnJid);
  await until(() => asked, "the receipt");
  const before = acked();
  stored();
  await until(acked, "the ack");

  assertEquals(before, false);
  assertEquals(reports.received.map(({ waMessageId, status }) => [waMessageId, status]), [[
    "3EB0AA01",
    "read",
  ]]);
});

withWorld("journal knows what is published, even when the event log was quicker", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const journal = world.inbox.journal.bind(world.inbox);
  const { promise: disk, resolve: written } = Promise.withResolvers<void>();
  world.inbox.journal = async (message) => {
    await disk;
    await journal(message);
  };

  await anna.sendText(phone, "Halo");
  await reports.data("message.received");
  written();

  await until(() => [...world.inbox.rows.values()].some(({ published }) => published), "the mark");
});
