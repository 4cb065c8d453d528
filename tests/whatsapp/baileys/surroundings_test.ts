import { assertEquals } from "@std/assert";
import type { Jid } from "../../../src/events/person.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import type { OutgoingContent } from "../../../src/whatsapp/outgoing.ts";
import { aNumber, type Linked, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const WEEK_S = 604_800;

async function send(
  { session }: Linked,
  to: Jid,
  content: OutgoingContent,
  others: { readonly quotedId?: string; readonly mentions?: readonly Jid[]; readonly mentionsAll?: boolean } =
    {},
): Promise<string> {
  const waMessageId = newWaMessageId();
  const outcome = await session.send({ waMessageId, to, content, ...others }, { timeoutMs: 60_000 });
  assertEquals(outcome.ok, true);
  return waMessageId;
}

withWorld("session lets answers disappear as the messages of their chat do", async (world) => {
  const linked = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const contextInfo = { expiration: WEEK_S };
  const id = await anna.send(linked.phone, { extendedTextMessage: { text: "Halo", contextInfo } });
  await linked.reports.data("message.received");

  const ids = [
    await send(linked, anna.pnJid, { kind: "text", text: "one" }),
    await send(linked, anna.lidJid, { kind: "text", text: "two" }, { quotedId: id }),
    await send(linked, anna.pnJid, { kind: "location", latitude: 1, longitude: 2 }),
  ];
  const got = await Promise.all(ids.map((each) => anna.waitMessage((message) => message.id === each)));

  const expirations = got.map(({ message }) =>
    (message.extendedTextMessage ?? message.locationMessage)?.contextInfo?.expiration
  );
  assertEquals(expirations, [WEEK_S, WEEK_S, WEEK_S]);
});

withWorld("session follows the timer that somebody sets in a chat, over a restart too", async (world) => {
  const linked = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await anna.setDisappearing(linked.phone, WEEK_S);
  await anna.sendText(linked.phone, "end");
  await linked.reports.data("message.received");
  const set = await send(linked, anna.pnJid, { kind: "text", text: "goes" });
  await anna.setDisappearing(linked.phone, 0);
  await until(() => linked.device.pending.size === 0, "the setting");
  const off = await send(linked, anna.pnJid, { kind: "text", text: "stays" });

  const got = await Promise.all([set, off].map((each) => anna.waitMessage((message) => message.id === each)));

  const expirations = got.map(({ message }) => message.extendedTextMessage?.contextInfo?.expiration || 0);
  assertEquals(expirations, [WEEK_S, 0]);
});

withWorld(
  "session tells who has set the timer of a chat, on our phone too, and no group's twice",
  async (world) => {
    const { reports, phone, device } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    const group = world.simulator.group("Family", [anna, phone]);
    const inGroup = { protocolMessage: { type: 3, ephemeralExpiration: WEEK_S } };

    await anna.setDisappearing(phone, WEEK_S);
    await phone.setDisappearing(anna, 0);
    await anna.send(group, inGroup);
    await anna.sendText(group, "end");
    await reports.data("message.received");
    await until(() => device.pending.size === 0, "all of it");

    const told = reports.of("chat.updated").map(({ data: { chat, from, fromMe, change } }) => [
      chat.jid,
      from.pn,
      fromMe,
      change,
    ]);
    assertEquals(told, [
      [anna.pnJid, anna.pnJid, false, { what: "disappearing", value: WEEK_S }],
      [anna.pnJid, phone.pnJid, true, { what: "disappearing", value: 0 }],
    ]);
    const history = () => world.inbox.history("device_1", anna.pnJid, { limit: 9 });
    await until(async () => (await history()).length === 0, "no message of it in the chat");
  },
);

withWorld("session mentions people of a group by the addresses that the group has", async (world) => {
  const linked = await world.link();
  const [anna, budi] = ["Anna", "Budi"].map((name) => world.simulator.contact(aNumber(), name));
  const group = world.simulator.group("Family", [anna, budi, linked.phone]);
  const old = world.simulator.group("Old", [anna, budi, linked.phone], { addressing: "pn" });
  const text = `@${budi.number} please look`;
  const mentions = [budi.pnJid];

  const ids = [
    await send(linked, group.jid, { kind: "text", text }, { mentions }),
    await send(linked, old.jid, { kind: "text", text }, { mentions }),
    await send(linked, group.jid, { kind: "text", text: "all of you" }, { mentionsAll: true }),
  ];
  const got = await Promise.all(ids.map((each) => budi.waitMessage((message) => message.id === each)));

  const said = got.map(({ message: { extendedTextMessage: words } }) => [
    words?.text,
    words?.contextInfo?.mentionedJid ?? [],
    words?.contextInfo?.nonJidMentions || 0,
  ]);
  assertEquals(said, [
    [`@${budi.lid} please look`, [budi.lidJid], 0],
    [text, [budi.pnJid], 0],
    ["all of you", [], 1],
  ]);
});

withWorld("session lets messages of a group disappear as it is set there", async (world) => {
  const linked = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const group = world.simulator.group("Family", [anna, linked.phone]);
  group.setDisappearing(anna, 86_400);
  await linked.reports.data("group.updated");

  const id = await send(linked, group.jid, { kind: "text", text: "goes" });
  const { message } = await anna.waitMessage((one) => one.id === id);

  assertEquals(message.extendedTextMessage?.contextInfo?.expiration, 86_400);
});
