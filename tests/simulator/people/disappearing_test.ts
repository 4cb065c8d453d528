import { assertEquals } from "@std/assert";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

const WEEK_S = 604_800;

withSimulator("contact turns disappearing on, and sees which messages know of it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const set = await client.message(await anna.setDisappearing(phone, WEEK_S));
  const said = await client.message(await anna.sendText(phone, "this goes"));
  const stays = await client.socket.sendMessage(anna.lidJid, { text: "stays" });
  const goes = await client.socket.sendMessage(anna.lidJid, { text: "goes" }, {
    ephemeralExpiration: WEEK_S,
  });
  const reaction = await client.socket.sendMessage(anna.lidJid, {
    react: { text: "👍", key: said.message.key },
  });
  await anna.waitMessage(({ id }) => id === reaction?.key.id);
  const ids = [stays, goes, reaction].map((sent) => sent?.key.id);
  const seen = ids.map((id) => anna.inbox.find((received) => received.id === id)?.willNotDisappear);
  await client.message(await anna.setDisappearing(phone, 0));
  const over = await client.socket.sendMessage(anna.lidJid, { text: "over" });
  const last = await anna.waitMessage(({ id }) => id === over?.key.id);

  assertEquals(set.message.message?.protocolMessage?.ephemeralExpiration, WEEK_S);
  assertEquals(said.message.message?.extendedTextMessage?.contextInfo?.expiration, WEEK_S);
  assertEquals([seen, last.willNotDisappear], [[true, undefined, undefined], undefined]);
  await client.end();
});

withSimulator(
  "owner or client turns disappearing on, and the contact's messages follow",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");

    await phone.setDisappearing(anna, WEEK_S);
    const byOwner = anna.disappearAfterS(phone);
    const set = await client.socket.sendMessage(anna.lidJid, { disappearingMessagesInChat: 86_400 });
    await anna.waitMessage(({ id }) => id === set?.key.id);
    const { message } = (await client.message(await anna.sendText(phone, "hi"))).message;

    assertEquals([byOwner, anna.disappearAfterS(phone)], [WEEK_S, 86_400]);
    assertEquals(message?.extendedTextMessage?.contextInfo?.expiration, 86_400);
    await client.end();
  },
);

withSimulator("group with a timer shows which messages know of it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("Family", [anna, budi, phone]);
  group.setDisappearing(anna, WEEK_S);

  const known = await anna.sendText(group, "knows");
  const sent = await client.socket.sendMessage(group.jid, { text: "knows not" });
  await budi.waitMessage(({ id }) => id === sent?.key.id);

  const seen = [known, sent?.key.id].map((id) => budi.inbox.find((got) => got.id === id)?.willNotDisappear);
  assertEquals(seen, [undefined, true]);
  await client.end();
});
