import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import type { UnknownReason } from "../../../src/events/content.ts";
import { withFields } from "../../../src/simulator/people/unknown_fields.ts";
import { rawOf } from "../../../src/whatsapp/baileys/inbox_message.ts";
import { aNumber, Reports, withWorld, type World } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const SOON = { settings: { contentTimeoutMs: 200 } };
const DAYS = 24 * 3_600;
/** The row of a message, which may be told before it is on the disk. */
const keptRow = ({ inbox }: World, id: string) =>
  until(async () => (await inbox.named("device_1", id))[0], "the row");
const unixSeconds = () => Math.floor(Date.now() / 1_000);

for (const type of ["view_once", "view_once_unavailable_fanout"]) {
  withWorld(`session tells at once of what is shown once, announced as "${type}"`, async (world) => {
    const { reports, phone, device } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    const group = world.simulator.group("Family", [anna, phone]);

    const ids = [
      await anna.sendMedia(phone, "image", Buffer.from("a picture"), { unavailable: { type } }),
      await anna.sendText(group, "never seen", { unavailable: { type } }),
    ];
    await reports.data("message.received", 2);
    await until(() => device.pending.size === 0, "the acknowledgements");

    const told = reports.of("message.received").map(({ data }) => data);
    assertEquals(told.map(({ messageId }) => messageId), ids);
    assertEquals(
      told.map(({ content, viewOnce, from }) => [content, viewOnce, from.pn]),
      ids.map(() => [
        { kind: "unknown" as const, rawType: "viewOnceMessage", reason: "view_once" as const },
        true,
        anna.pnJid,
      ]),
    );
  });
}

const REASONS: readonly [string, Record<string, string>, number, UnknownReason][] = [
  ["hosted by a business", { hosted: "true" }, 0, "hosted"],
  ["hosted by a business, in a program's word", { type: "hosted_unavailable_fanout" }, 0, "hosted"],
  ["a bot's", { type: "bot_unavailable_fanout" }, 0, "bot"],
  ["too old to be handed over", {}, 40 * DAYS, "too_old"],
];
for (const [name, unavailable, age, reason] of REASONS) {
  withWorld(`session tells at once of a message without content that is ${name}`, async (world) => {
    const { reports, phone } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");

    await anna.sendText(phone, "never seen", { unavailable, t: unixSeconds() - age });
    const { content } = await reports.data("message.received");

    assertEquals(content, { kind: "unknown", rawType: "unavailable", reason });
  });
}

for (const unavailable of [{}, { type: "something_new" }, { type: "sender_drop" }]) {
  withWorld(
    `session tells of a message that the phone does not hand over, announced as ${
      JSON.stringify(unavailable)
    }`,
    async (world) => {
      const { reports, phone } = await world.link();
      const anna = world.simulator.contact(aNumber(), "Anna");
      phone.placeholders = { times: 0 };

      const id = await anna.sendText(phone, "never seen", { unavailable });
      const { messageId, content, from } = await reports.data("message.received");

      assertEquals([messageId, content, from.pn], [
        id,
        { kind: "unknown", rawType: "unavailable", reason: "phone_silent" },
        anna.pnJid,
      ]);
      const row = await keptRow(world, id);
      assertEquals(JSON.parse(new TextDecoder().decode(rawOf(row)?.bytes)).children[0].tag, "unavailable");
    },
    SOON,
  );
}

withWorld("session publishes once what the phone hands over, however often it does", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  phone.placeholders = { times: 2 };

  const id = await anna.sendText(phone, "I saw your ad", { unavailable: {} });
  const { messageId, content, from } = await reports.data("message.received");
  await anna.sendText(phone, "after it");
  await reports.data("message.received", 2);

  assertEquals([messageId, content, from.pn], [id, { kind: "text", text: "I saw your ad" }, anna.pnJid]);
  const keys = reports.of("message.received").filter(({ data }) => data.messageId === id);
  assertEquals(keys.length, 1);
});

withWorld("session tells once what the phone hands over and its sender sends again", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");

  const id = await anna.sendText(phone, "I saw your ad", { unavailable: {} });
  await reports.data("message.received");
  await anna.sendText(phone, "I saw your ad", { id });
  await anna.sendText(phone, "after it");
  await reports.until(
    () => reports.of("message.received").some(({ data }) => data.messageId !== id),
    "the next",
  );

  const told = reports.of("message.received").filter(({ data }) => data.messageId === id);
  assertEquals(new Set(told.map(({ dedupeKey }) => dedupeKey)).size, 1);
  const rows = await world.inbox.named("device_1", id);
  assertEquals(rows.length, 1);
});

withWorld("session knows who wrote what the phone hands over without a name", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const group = world.simulator.group("Family", [anna, phone]);
  phone.placeholders = { participant: false, together: true, delayMs: 300 };

  const ids = [
    await anna.sendText(group, "one", { unavailable: {} }),
    await anna.sendText(group, "two", { unavailable: {} }),
  ];
  await reports.data("message.received", 2);

  const told = reports.of("message.received").map(({ data }) => [data.messageId, data.from.pn, data.content]);
  assertEquals(told, [
    [ids[0], anna.pnJid, { kind: "text", text: "one" }],
    [ids[1], anna.pnJid, { kind: "text", text: "two" }],
  ]);
});

withWorld("session asks again after a crash for what the phone has not handed over", async (world) => {
  const { session, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  phone.placeholders = { times: 0 };
  const id = await anna.sendText(phone, "I saw your ad", { unavailable: {} });
  await until(() => world.inbox.rows.size === 1, "the placeholder");
  await session.stop();
  phone.placeholders = {};

  const afterwards = new Reports();
  await world.again().open("device_1", afterwards);
  const { messageId, content } = await afterwards.data("message.received");

  assertEquals([messageId, content], [id, { kind: "text", text: "I saw your ad" }]);
});

withWorld("session tells the content, too, that comes after it was given up", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  phone.placeholders = { delayMs: 1_000 };

  const id = await anna.sendText(phone, "I saw your ad", { unavailable: {} });
  await reports.data("message.received", 2);

  const drafts = reports.of("message.received");
  assertEquals(drafts.map(({ data }) => [data.messageId, data.content.kind]), [[id, "unknown"], [
    id,
    "text",
  ]]);
  assertEquals(new Set(drafts.map(({ dedupeKey }) => dedupeKey)).size, 2);
  const placeholder = async () => (await world.inbox.get("device_1", id))?.placeholder;
  await until(async () => await placeholder() === undefined, "the content to be kept");
}, SOON);

withWorld("session tells of what nobody can open, and keeps the bytes", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  phone.placeholders = { times: 0 };
  const bytes = Uint8Array.of(0x0a, 0x7f, 0x01); // a text that is longer than the message

  const id = await anna.send(phone, {}, { plaintext: bytes });
  const { messageId, content } = await reports.data("message.received");

  assertEquals([messageId, content], [id, { kind: "unknown", rawType: "unreadable", reason: "unreadable" }]);
  const row = await keptRow(world, id);
  assertEquals(new Uint8Array(rawOf(row)?.bytes ?? []), bytes);
}, SOON);

withWorld("session tells of kinds that it does not know, and keeps the bytes", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const group = world.simulator.group("Family", [anna, phone]);
  const unknown = { field: 4321, bytes: Buffer.from("new") };
  const plaintext = withFields({}, [unknown]);
  const inEnvelope = withFields({}, [{ field: 40, bytes: withFields({}, [{ field: 1, bytes: plaintext }]) }]);

  const ids = [
    await anna.send(phone, {}, { plaintext }),
    await anna.send(phone, {}, { plaintext: inEnvelope }),
    await anna.send(group, {}, { plaintext }),
  ];
  await reports.data("message.received", 3);

  const told = reports.of("message.received").map(({ data }) => data);
  assertEquals(told.map(({ messageId }) => messageId).toSorted(), ids.toSorted());
  const content = { kind: "unknown", rawType: "field_4321", reason: "unreadable" } as const;
  assertEquals(told.map((data) => data.content), ids.map(() => content));
  const row = await keptRow(world, ids[0]);
  assertEquals(Buffer.from(rawOf(row)?.bytes ?? []), plaintext);
});

withWorld("session keeps unknown fields beside a text", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const plaintext = withFields({ conversation: "Halo" }, [{ field: 4321, bytes: Buffer.from("new") }]);

  const id = await anna.send(phone, {}, { plaintext });
  const { content } = await reports.data("message.received");

  assertEquals(content, { kind: "text", text: "Halo" });
  const row = await keptRow(world, id);
  assertEquals(Buffer.from(rawOf(row)?.bytes ?? []), plaintext);
  assertEquals(proto.WebMessageInfo.decode(row.payload).message?.conversation, "Halo");
});

withWorld("session tells of a message that its sender never sends again", async (world) => {
  const { reports, phone, device } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  phone.placeholders = { times: 0 };
  await anna.sendText(phone, "first");
  await reports.data("message.received");

  const [{ stanza }] = await anna.prepare(phone, { conversation: "lost" }, { id: "3ALOST", corrupt: true });
  const stranger = { ...stanza, attrs: { ...stanza.attrs, id: "3ALOST2" } }; // nobody knows of it when it is asked for
  device.deliver(stranger);
  const { messageId, content } = await reports.data("message.received", 2);

  assertEquals([messageId, content], [
    "3ALOST2",
    { kind: "unknown", rawType: "unavailable", reason: "unreadable" },
  ]);
}, SOON);

withWorld(
  "session tells that a bot of WhatsApp has answered, and what its owner asked it is no note",
  async (world) => {
    const { reports, phone, device } = await world.link();
    const bot = "867051314767696@bot";
    const t = String(unixSeconds());
    const enc = { tag: "enc", attrs: { type: "msmsg", v: "2" }, content: Buffer.from("sealed") };
    const own = { from: phone.lidJid, recipient: bot, id: "3AASKED", t, type: "text" };

    device.deliver({
      tag: "message",
      attrs: { from: bot, id: "3AANSWERED", t, type: "text" },
      content: [enc],
    });
    device.deliver({ tag: "message", attrs: own, content: [{ tag: "unavailable", attrs: { type: "bot" } }] });
    await reports.data("message.received", 2);
    await until(() => device.acks.some(({ attrs }) => attrs.id === "3AANSWERED"), "the acknowledgement");

    const told = reports.of("message.received").map(({ data }) => data);
    assertEquals(told.map(({ messageId, chat, from, fromMe }) => [messageId, chat, from.pn, fromMe]), [
      ["3AANSWERED", { kind: "person" as const, jid: bot }, bot, false],
      ["3AASKED", { kind: "person" as const, jid: bot }, phone.pnJid, true],
    ]);
    assertEquals(told[0].content, { kind: "unknown", rawType: "msmsg", reason: "bot" });
  },
);
