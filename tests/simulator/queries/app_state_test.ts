import { assertEquals } from "@std/assert";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator(
  "app state changes of the client are taken, and reach the other devices of the phone",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const { client: second } = await link(simulator, {}, phone);
    const anna = simulator.contact(aNumber(), "Anna");
    const { message } = await client.message(await anna.sendText(phone, "hi"));
    const lastMessages = [message];

    await client.socket.chatModify({ archive: true, lastMessages }, anna.lidJid);
    await client.socket.chatModify({ mute: 8 * 3_600_000 }, anna.lidJid);
    await client.socket.chatModify({ markRead: false, lastMessages }, anna.lidJid);

    await simulator.until(() => phone.appState.changes.length === 3, "three changes");
    assertEquals(phone.appState.changes.map(({ index }) => index), [
      ["archive", anna.lidJid],
      ["mute", anna.lidJid],
      ["markChatAsRead", anna.lidJid],
    ]);
    const archived = () =>
      second.of("chats.update").flat().find((chat) => chat.id === anna.lidJid && chat.archived);
    await second.until(archived, "archived on the second device");
    await client.end();
    await second.end();
  },
);

withSimulator("app state reaches a device that is linked later", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.socket.chatModify({ mute: 1_000 }, anna.lidJid);
  await client.socket.chatModify({ pin: true }, anna.lidJid);

  const { client: second } = await link(simulator, {}, phone);

  const versionOf = (collection: string) => {
    const stored = second.auth.data.get(`app-state-sync-version/${collection}`);
    return stored && JSON.parse(stored).version;
  };
  await second.until(
    () => versionOf("regular_high") === 1 && versionOf("regular_low") === 1,
    "both versions",
  );
  await client.end();
  await second.end();
});

withSimulator("address book of the phone reaches its devices, now and later", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const namesOf = (
    { of }: { readonly of: () => readonly { readonly id?: string; readonly name?: string }[] },
  ) => of().filter(({ name }) => name).map(({ id, name }) => `${id} ${name}`);

  await phone.saveContact(anna, { fullName: "Anna Contoh", firstName: "Anna" });
  await client.socket.chatModify({ mute: 1_000 }, anna.lidJid);
  await phone.saveContact(budi, { fullName: "Budi" });
  const saved = { of: () => client.of("contacts.upsert").flat() };
  await client.until(() => namesOf(saved).length === 2, "both names");
  const { client: second } = await link(simulator, {}, phone);
  const later = { of: () => second.of("contacts.upsert").flat() };
  await second.until(() => namesOf(later).length === 2, "both names on the second device");

  const expected = [`${anna.pnJid} Anna Contoh`, `${budi.pnJid} Budi`];
  assertEquals([namesOf(saved), namesOf(later)], [expected, expected]);
  await client.end();
  await second.end();
});
