import { assert, assertEquals } from "@std/assert";
import { bigHistory } from "../../../src/simulator/mod.ts";
import { FILED_AT_ONCE } from "../../../src/whatsapp/baileys/history_intake.ts";
import { TOLD_AT_ONCE } from "../../../src/whatsapp/baileys/history_telling.ts";
import { aNumber, type Linked, Reports, withWorld, type World } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const DAY_S = 86_400;
const NOW_S = Math.floor(Date.now() / 1_000);
const ago = (seconds: number) => NOW_S - seconds;
const WITH_EVENTS = { settings: { historyDays: 30 } };

const backfilled = (reports: Reports) =>
  reports.of("message.received").filter(({ data }) => data.backfilled === true);

/** What phones hand over right after linking, without waiting for a connection. */
async function linkWith(
  world: World,
  history: Linked["phone"]["history"],
): Promise<Linked> {
  const phone = world.simulator.phone(aNumber(), "Gateway");
  phone.history = history;
  const first = await world.open();
  const device = await world.simulator.scanQr(
    await first.reports.until(() => first.reports.qrCode, "qr"),
    phone,
  );
  await first.reports.logged("ended restart_required");
  const { session, reports } = await world.open();
  await reports.logged("connected");
  return { session, reports, phone, device };
}

withWorld("session asks the phone for what came before a message, and files it", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { session, reports, phone, device } = await world.link();
  await phone.sendHistory(device, {
    kind: "RECENT", // what is not wanted as events is not taken in
    chats: [{
      with: anna,
      messages: [{ text: "second", t: ago(200) }, { text: "first", t: ago(300), fromMe: true }],
    }],
  });
  const id = await anna.sendText(phone, "third");
  await reports.data("message.received");

  const asked = await session.askHistory(anna.pnJid, id, 50);
  const answer = await reports.until(() => reports.past[0], "the answer");

  assertEquals([answer.requestId, answer.messages, answer.added], [asked, 2, 2]);
  assertEquals(answer.oldest?.sentAt, ago(300) * 1_000);
  const rows = await world.inbox.history("device_1", anna.pnJid, { limit: 9 });
  assertEquals(rows.map(({ fromMe, fetched = false }) => [fromMe, fetched]), [[false, false], [false, true], [
    true,
    true,
  ]]);
  assertEquals(backfilled(reports), []);
});

withWorld("session is told when the phone has nothing older", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { session, reports, phone } = await world.link();
  const id = await anna.sendText(phone, "Halo");
  await reports.data("message.received");

  await session.askHistory(anna.pnJid, id, 50);
  const { messages, isComplete, oldest } = await reports.until(() => reports.past[0], "the answer");

  assertEquals([messages, isComplete, oldest], [0, true, null]);
});

withWorld(
  "history of a fresh device is told chat by chat, the oldest first",
  async (world) => {
    const [anna, budi] = ["Anna", "Budi"].map((name) => world.simulator.contact(aNumber(), name));
    const chats = [anna, budi].map((one) => ({
      with: one,
      messages: [3, 2, 1].map((n) => ({ text: `${one.name} ${n}`, t: ago(1_000 - n * 10), fromMe: n === 2 })),
    }));

    const { reports } = await linkWith(world, chats);
    const told = await reports.until(
      () => backfilled(reports).length >= 6 && backfilled(reports),
      "six events",
    );

    const texts = (name: string) =>
      told.map(({ data: { content } }) => content.kind === "text" ? content.text : "").filter((text) =>
        text.startsWith(name)
      );
    assertEquals(texts("Anna"), ["Anna 1", "Anna 2", "Anna 3"]);
    assertEquals(texts("Budi"), ["Budi 1", "Budi 2", "Budi 3"]);
    const chatsTold = told.map(({ data }) => data.chat.jid);
    assertEquals(new Set(chatsTold.slice(0, 3)).size, 1, "one chat after the other");
    assertEquals(told.length, 6);
  },
  WITH_EVENTS,
);

withWorld("history that is older than wanted is left out", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");

  const { reports } = await linkWith(world, [{
    with: anna,
    messages: [{ text: "new", t: ago(DAY_S) }, { text: "old", t: ago(40 * DAY_S) }],
  }]);
  await reports.until(() => reports.past[0], "the page");
  await reports.until(() => backfilled(reports)[0], "an event");

  const rows = await world.inbox.history("device_1", anna.pnJid, { limit: 9 });
  assertEquals([rows.length, backfilled(reports).length], [1, 1]);
}, WITH_EVENTS);

withWorld("live message and its copy in the history are told under one key", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { reports, phone, device } = await world.link();
  const live = await anna.sendText(phone, "Halo");
  await reports.data("message.received");
  const copy = (text: string, id?: string) => ({ text, t: ago(5), ...(id === undefined ? {} : { id }) });

  await phone.sendHistory(device, {
    kind: "RECENT",
    chats: [{ with: anna, messages: [copy("Halo", live), copy("new")] }],
  });
  const [told] = await reports.until(() => backfilled(reports).length > 0 && backfilled(reports), "an event");
  // what only the history had comes by itself after all: under the key that it was told by
  await anna.sendText(phone, "new", { id: told.data.messageId });
  await anna.sendText(phone, "the end");
  await reports.until(
    () =>
      reports.of("message.received").find(({ data: { content } }) =>
        content.kind === "text" && content.text === "the end"
      ),
    "the last one",
  );

  const keys = reports.of("message.received").map(({ data, dedupeKey }) => [data.messageId, dedupeKey]);
  assertEquals(backfilled(reports).length, 1);
  assertEquals(new Set(keys.filter(([id]) => id === told.data.messageId).map(([, key]) => key)).size, 1);
  assertEquals(reports.of("message.received").filter(({ data }) => data.messageId === live).length, 1);
}, WITH_EVENTS);

withWorld("reactions of a message of the past are filed and told as such", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { reports, phone, device } = await world.link();
  const heart = {
    key: { remoteJid: anna.lidJid, id: "3EB0HEART", fromMe: false },
    text: "❤️",
    senderTimestampMs: ago(400) * 1_000,
  };

  await phone.sendHistory(device, {
    kind: "RECENT",
    chats: [{
      with: anna,
      messages: [{ text: "Halo", id: "3EB0PAST", fromMe: true, t: ago(500), reactions: [heart] }],
    }],
  });
  const reaction = await reports.data("message.reaction");

  assertEquals([reaction.messageId, reaction.emoji, reaction.fromMe, reaction.backfilled], [
    "3EB0PAST",
    "❤️",
    false,
    true,
  ]);
  assertEquals(reaction.reactedAt, ago(400) * 1_000);
  assertEquals((await world.inbox.get("device_1", "3EB0HEART"))?.chat, anna.pnJid);
}, WITH_EVENTS);

withWorld(
  "history goes on where a crash has cut it off, and tells nothing twice under two keys",
  async (world) => {
    let calls = 0;
    const { promise: crash, resolve: over } = Promise.withResolvers<void>();
    const told = world.history.told;
    world.history.told = async (...marked) => {
      if (++calls === 2) await crash; // it is told, but not marked: the process is gone
      await told(...marked);
    };
    const { reports } = await linkWith(world, bigHistory(4, TOLD_AT_ONCE / 2));
    await until(() => calls === 2, "the second slice");
    world.history.told = told;
    const before = backfilled(reports).length;

    const afterwards = new Reports();
    await world.again().open("device_1", afterwards);
    await until(async () => (await world.history.untold("device_1", 1)).length === 0, "all of it");

    over();
    const keys = (one: Reports) => backfilled(one).map(({ dedupeKey }) => dedupeKey);
    assertEquals([before, backfilled(afterwards).length], [TOLD_AT_ONCE * 2, TOLD_AT_ONCE]);
    assertEquals(new Set([...keys(reports), ...keys(afterwards)]).size, TOLD_AT_ONCE * 2);
  },
  WITH_EVENTS,
);

withWorld("page whose receipt has left is there after a crash", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { phone, device } = await world.link();
  const { pages } = world.history;
  world.history.pages = () => Promise.resolve([]); // it dies before it looks

  await phone.sendHistory(device, {
    kind: "RECENT",
    chats: [{ with: anna, messages: [{ text: "Halo", t: ago(60) }] }],
  });
  await until(() => device.receipts.some(({ attrs }) => attrs.type === "hist_sync"), "the receipt");
  await until(() => device.pending.size === 0, "an empty backlog");
  world.history.pages = pages;
  const afterwards = new Reports();
  await world.again().open("device_1", afterwards);

  assertEquals((await afterwards.data("message.received")).backfilled, true);
}, WITH_EVENTS);

withWorld("page of history that is a file is fetched and told", async (world) => {
  const anna = world.simulator.contact(aNumber(), "Anna");
  const { reports, phone, device } = await world.link();

  await phone.sendHistory(device, {
    kind: "RECENT",
    chats: [{ with: anna, messages: [{ text: "in a file", t: ago(60) }] }],
  }, { asFile: true });

  assertEquals((await reports.data("message.received")).content, { kind: "text", text: "in a file" });
}, WITH_EVENTS);

withWorld("live messages do not wait for a big history", async (world) => {
  const CHATS = 8_000;
  const sizes: number[] = [];
  const file = world.history.file;
  world.history.file = (messages, filing) => {
    sizes.push(messages.length);
    return file(messages, filing);
  };
  const { reports, phone } = await linkWith(world, bigHistory(CHATS, 1));
  const anna = world.simulator.contact(aNumber(), "Anna");
  await until(() => sizes.length > 0, "the first slice");

  const id = await anna.sendText(phone, "Halo");
  await reports.until(
    () => reports.of("message.received").find(({ data }) => data.messageId === id),
    "the live one",
  );
  const filedBefore = sizes.reduce((sum, size) => sum + size, 0);

  assert(filedBefore < CHATS, `${filedBefore}`);
  assert(Math.max(...sizes) <= FILED_AT_ONCE, `${sizes}`);
}, WITH_EVENTS);
