import { assert, assertEquals } from "@std/assert";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import type { OutgoingContent } from "../../../src/whatsapp/outgoing.ts";
import type { Session } from "../../../src/whatsapp/session.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const TEXT = { kind: "text", text: "Halo" } as const;

function send(session: Session, to: string, content: OutgoingContent = TEXT, timeoutMs = 60_000) {
  return session.send({ waMessageId: newWaMessageId(), to, content }, { timeoutMs });
}

for (const addressing of ["lid", "pn"] as const) {
  withWorld(`session sends a text to a contact by its ${addressing}`, async ({ simulator, link }) => {
    const { session } = await link();
    const anna = simulator.contact(aNumber(), "Anna", { addressing });
    const waMessageId = newWaMessageId();

    const outcome = await session.send({ waMessageId, to: anna.jid, content: TEXT }, { timeoutMs: 60_000 });

    const received = await anna.waitMessage(({ id }) => id === waMessageId);
    assertEquals([outcome.ok, received.to, received.message.extendedTextMessage?.text], [
      true,
      anna.jid,
      "Halo",
    ]);
  });
}

for (
  const [code, retryable, words] of [
    [463, false, "time lock"],
    [475, false, "new chats"],
    [479, true, "devices"],
    [429, true, "slower"],
  ] as const
) {
  withWorld(`session tells that WhatsApp refused a message with ${code}`, async ({ simulator, link }) => {
    const { session } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    simulator.faults.refuse = () => code;

    const outcome = await send(session, anna.pnJid);

    assert(!outcome.ok);
    assertEquals([outcome.code, outcome.retryable], [code, retryable]);
    assert(outcome.message.includes(words), outcome.message);
  });
}

withWorld("session does not try again where only admins may write", async ({ simulator, link }) => {
  const { session, phone, reports } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("News", [anna, phone]);
  group.setSetting(anna, "announcement");
  await reports.data("group.updated");

  const outcome = await send(session, group.jid);

  assert(!outcome.ok);
  assertEquals([outcome.code, outcome.retryable, outcome.reason], [420, false, "refused"]);
  assert(outcome.message.includes("only admins may"), outcome.message);
});

withWorld("session tells that a number is not on WhatsApp, and sends nothing", async ({ link }) => {
  const { session, device } = await link();

  const outcome = await send(session, "6281000000000@s.whatsapp.net");

  assertEquals(outcome, {
    ok: false,
    code: null,
    message: "This number is not on WhatsApp",
    reason: "not_on_whatsapp",
    retryable: false,
  });
  assertEquals(device.sent, []);
});

withWorld("session gives up on an answer that does not come, and reports it when it does", async (world) => {
  const { session, reports } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await send(session, anna.pnJid); // keys and devices are known from here
  world.simulator.faults.ackDelayMs = 400;
  const waMessageId = newWaMessageId();

  const outcome = await session.send({ waMessageId, to: anna.pnJid, content: TEXT }, { timeoutMs: 100 });
  const late = await until(
    () => reports.received.find((receipt) => receipt.waMessageId === waMessageId),
    "sent",
  );

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
  assertEquals(late.status, "sent");
});

withWorld("session fails a send at once when the connection is lost", async ({ simulator, link }) => {
  const { session, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.dropAck = () => true;
  const sending = send(session, anna.pnJid);
  await until(() => device.sent.length === 1, "the message");

  device.drop();
  const outcome = await sending;

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
});

withWorld("session does not hang on device queries without an answer", async ({ simulator, link }) => {
  const { session } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.ignoreQueries = new Set(["usync"]);

  const outcome = await send(session, anna.pnJid);

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
}, { settings: { connectTimeoutMs: 4_000 } }); // linking asks, too: on a busy machine an answer takes a second

withWorld("session refuses to send before it is connected", async ({ open }) => {
  const { session } = await open();

  const outcome = await send(session, "6281000000000@s.whatsapp.net");

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable], [false, true]);
});

withWorld("session quotes a message that it has", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const asked = await anna.sendText(phone, "Berapa?");
  await reports.data("message.received");
  const waMessageId = newWaMessageId();

  await session.send({ waMessageId, to: anna.pnJid, content: TEXT, quotedId: asked }, { timeoutMs: 60_000 });

  const { message } = await anna.waitMessage(({ id }) => id === waMessageId);
  const context = message.extendedTextMessage?.contextInfo;
  assertEquals([context?.stanzaId, context?.participant], [asked, anna.lidJid]);
  assertEquals(context?.remoteJid ?? null, null, "it is a message of the same chat");
});

withWorld("session refuses to quote what it does not know", async ({ simulator, link }) => {
  const { session, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  const outcome = await session.send(
    { waMessageId: newWaMessageId(), to: anna.pnJid, content: TEXT, quotedId: "3A00" },
    { timeoutMs: 60_000 },
  );

  assertEquals([outcome.ok, !outcome.ok && outcome.retryable, device.sent.length], [false, false, 0]);
});

withWorld(
  "session sends a message again when its recipient could not decrypt it, after a restart too",
  async (world) => {
    const { session, device, phone } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    const waMessageId = newWaMessageId();
    await session.send({ waMessageId, to: anna.pnJid, content: TEXT }, { timeoutMs: 60_000 });
    await anna.waitMessage(({ id }) => id === waMessageId);
    await session.stop();
    const reports = new Reports();
    await world.again().open("device_1", reports);
    await reports.logged("connected");

    anna.askRetry(device, waMessageId, anna.pnJid);
    await until(
      () => anna.inbox.filter(({ id }) => id === waMessageId).length === 2,
      "the message again",
    );

    assertEquals(anna.inbox.map(({ message }) => message.extendedTextMessage?.text), ["Halo", "Halo"]);
    assertEquals(phone.devices.size, 1);
  },
);

withWorld("session sends to a group, with mentions", async ({ simulator, link }) => {
  const { session, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [phone, anna]);
  const waMessageId = newWaMessageId();

  const outcome = await session.send({
    waMessageId,
    to: group.jid,
    content: { kind: "text", text: "@Anna makan" },
    mentions: [anna.lidJid],
  }, { timeoutMs: 60_000 });

  const { message } = await anna.waitMessage(({ id }) => id === waMessageId);
  assertEquals([outcome.ok, message.extendedTextMessage?.contextInfo?.mentionedJid], [true, [anna.lidJid]]);
});

withWorld("session asks once who is in a group, for many messages", async ({ simulator, link }) => {
  const { session, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [phone, anna]);
  const asked = () => simulator.queries.get("w:g2 get query") ?? 0;

  await send(session, group.jid);
  const first = asked();
  await send(session, group.jid);
  await send(session, group.jid);

  assertEquals([first, asked()], [1, 1]);
});

withWorld("session asks anew who is in a group that refuses a message as made for another", async (world) => {
  const { simulator, link } = world;
  const { session, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [phone, anna]);
  const asked = () => simulator.queries.get("w:g2 get query") ?? 0;
  await send(session, group.jid);
  simulator.faults.refuse = () => 421;

  const refused = await send(session, group.jid);
  simulator.faults.refuse = undefined;
  const again = await send(session, group.jid);

  assertEquals([refused.ok, !refused.ok && refused.retryable, again.ok, asked()], [false, true, true, 2]);
});

withWorld(
  "session sends location, contact, poll, reaction, edit and deletion",
  async ({ simulator, link }) => {
    const { session } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    const target = { waMessageId: newWaMessageId(), fromMe: true };
    await session.send({ waMessageId: target.waMessageId, to: anna.pnJid, content: TEXT }, {
      timeoutMs: 60_000,
    });

    const contents: OutgoingContent[] = [
      { kind: "location", latitude: -6.2, longitude: 106.8, name: "Monas" },
      { kind: "contact", contacts: [{ displayName: "Budi", vcard: "BEGIN:VCARD" }] },
      { kind: "poll", question: "Makan apa?", options: ["Soto", "Rawon"], selectableCount: 1 },
      { kind: "reaction", target, emoji: "👍" },
      { kind: "edit", target, text: "Halo!" },
      { kind: "delete", target },
    ];
    for (const content of contents) {
      assertEquals(
        (await send(session, anna.pnJid, content)).ok,
        true,
        content.kind,
      );
    }
    await until(() => anna.inbox.length === 7, "all of them");

    const [, location, contact, poll, reaction, edit, deletion] = anna.inbox.map(({ message }) => message);
    assertEquals(location.locationMessage?.name, "Monas");
    assertEquals(contact.contactMessage?.displayName, "Budi");
    assertEquals(poll.pollCreationMessageV3?.options?.map(({ optionName }) => optionName), ["Soto", "Rawon"]);
    assertEquals([reaction.reactionMessage?.text, reaction.reactionMessage?.key?.id], [
      "👍",
      target.waMessageId,
    ]);
    assertEquals(edit.protocolMessage?.editedMessage?.extendedTextMessage?.text, "Halo!");
    assertEquals(deletion.protocolMessage?.key?.id, target.waMessageId);
  },
);

withWorld("session names a message as it was addressed when it reacts to it", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const [anna, budi] = [
    simulator.contact(aNumber(), "Anna", { addressing: "lid" }),
    simulator.contact(aNumber(), "Budi", { addressing: "pn" }),
  ];
  const group = simulator.group("Keluarga", [anna, phone], { addressing: "lid" });
  const hers = await anna.sendText(phone, "Halo");
  const his = await budi.sendText(phone, "Halo");
  const shared = await anna.sendText(group, "Halo semua");
  await reports.data("message.received", 3);
  const react = (waMessageId: string, to: string, participant?: string) =>
    send(session, to, { kind: "reaction", target: { waMessageId, fromMe: false, participant }, emoji: "👍" });

  await react(hers, anna.pnJid);
  await react(his, budi.lidJid);
  await react(shared, group.jid, anna.pnJid);
  await until(() => anna.inbox.length === 2 && budi.inbox.length === 1, "the reactions");

  const seen = [...anna.inbox, ...budi.inbox].map(({ to, message }) => {
    const { remoteJid, id, participant } = message.reactionMessage?.key ?? {};
    return [to, remoteJid, id, participant || undefined];
  });
  assertEquals(seen, [
    [anna.lidJid, anna.lidJid, hers, undefined],
    [group.jid, group.jid, shared, anna.lidJid],
    [budi.pnJid, budi.pnJid, his, undefined],
  ]);
});

withWorld("session opens the votes in a poll that it sent", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const waMessageId = newWaMessageId();
  await session.send({
    waMessageId,
    to: anna.pnJid,
    content: { kind: "poll", question: "Makan apa?", options: ["Soto", "Rawon"], selectableCount: 1 },
  }, { timeoutMs: 60_000 });
  await anna.waitMessage(({ id }) => id === waMessageId);

  await anna.vote(phone, waMessageId, ["Rawon"]);
  const { content } = await reports.data("message.received");

  assertEquals(content, {
    kind: "poll_vote",
    pollMessageId: waMessageId,
    options: ["Rawon"],
    optionIndexes: [1],
    author: { pn: phone.pnJid, lid: phone.lidJid },
    targetFromMe: true,
  });
});

withWorld("session does not try again for a group that does not exist", async ({ link }) => {
  const { session } = await link();

  const outcome = await send(session, "120363000000000404@g.us");

  assertEquals([outcome.ok, !outcome.ok && outcome.code, !outcome.ok && outcome.retryable], [
    false,
    404,
    false,
  ]);
});

withWorld(
  "session ends by itself when nothing leaves it any more, and says so",
  async ({ simulator, link, credentials }) => {
    const { session, reports } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    credentials.keys = () => new Promise(() => {}); // a lock that never opens

    const outcomes = [];
    for (let n = 0; n < 3; n++) {
      const text = { kind: "text" as const, text: "stuck" };
      outcomes.push(
        await session.send({ waMessageId: newWaMessageId(), to: anna.pnJid, content: text }, {
          timeoutMs: 50,
        }),
      );
    }
    const [end] = await until(() => reports.ends.length > 0 && reports.ends, "the end");

    assertEquals(outcomes.map(({ ok }) => ok), [false, false, false]);
    assertEquals([end.reason, end.final, end.message.startsWith("Sending got stuck")], [
      "connection_lost",
      false,
      true,
    ]);
  },
);
