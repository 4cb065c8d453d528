import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { ANNA, linkOver, PHONE, withControl } from "../../support/controlled.ts";

const { CIPHERTEXT } = proto.WebMessageInfo.StubType;

withControl("sends placeholders, and says how the phone answers for them", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  await control.ask("PATCH", `/phones/${PHONE}`, { placeholders: { delayMs: 100, content: "empty" } });

  const { body: { id } } = await control.ask("POST", `/contacts/${ANNA}/messages`, {
    to: PHONE,
    text: "an advertisement led me here",
    unavailable: {},
  });
  const told = () => client.messages.filter(({ message }) => message.key.id === id);
  await client.until(() => told().length === 2, "placeholder and answer");

  assertEquals(told().map(({ message }) => [message.messageStubType, message.message]), [
    [CIPHERTEXT, undefined],
    [undefined, null],
  ]);
  await client.end();
});

withControl("sends stanzas with attributes at will", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const unknown = Buffer.from("new kind").toString("base64");

  const { body: { id } } = await control.ask("POST", `/contacts/${ANNA}/messages`, {
    to: PHONE,
    id: "MINE1",
    text: "hidden number",
    bothAddresses: false,
    t: 1_900_000_000,
    attrs: { notify: null, server_id: "7" },
    nodes: [{ tag: "meta", attrs: { target_id: "X" } }],
    unknownFields: [{ field: 115, base64: unknown }],
  });
  const { message } = await client.message(id);

  assertEquals([id, message.key.remoteJidAlt, message.pushName], ["MINE1", undefined, undefined]);
  assertEquals([message.messageTimestamp, message.message?.extendedTextMessage?.text], [
    1_900_000_000,
    "hidden number",
  ]);
  await client.end();
});

withControl("delivers any stanza to a linked device", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const seen: string[] = [];
  client.socket.ws.on(
    "CB:notification,type:psa",
    ({ attrs }: { readonly attrs: { readonly id: string } }) => {
      seen.push(attrs.id);
    },
  );

  const { status } = await control.ask("POST", `/phones/${PHONE}/devices/1/stanzas`, {
    stanza: {
      tag: "notification",
      attrs: { from: "s.whatsapp.net", type: "psa", id: "N1", t: "1900000000" },
      children: [{ tag: "news", text: "hello" }],
    },
  });
  await client.until(() => seen.length > 0, "the stanza");

  assertEquals([status, seen], [204, ["N1"]]);
  await client.end();
});

withControl("names the attribute that is wrong", async ({ ask }) => {
  await ask("POST", "/phones", { phone: PHONE });
  await ask("POST", "/contacts", { phone: ANNA });

  const { status, body } = await ask("POST", `/contacts/${ANNA}/messages`, {
    to: PHONE,
    text: "x",
    attrs: { t: 5 },
  });

  assertEquals([status, body.error.split(":")[0]], [400, "attrs.t"]);
});

withControl(
  "deletes and edits what somebody else wrote, and votes in one's own poll",
  async (control, simulator) => {
    const client = await linkOver(control, simulator.url);
    const budi = "4917200000002";
    await control.ask("POST", "/contacts", { phone: budi, name: "Budi" });
    const { body: { jid } } = await control.ask("POST", "/groups", {
      subject: "Shop",
      members: [ANNA, budi, PHONE],
    });
    const say = async (path: string, body: unknown) => (await control.ask("POST", path, body)).body.id;
    const said = await say(`/contacts/${budi}/messages`, { to: jid, text: "spam" });
    const poll = await say(`/contacts/${ANNA}/messages`, {
      to: jid,
      poll: { name: "When?", options: ["now", "later"] },
    });

    const ids = [
      await say(`/contacts/${ANNA}/revokes`, { to: jid, id: said, by: budi }),
      await say(`/contacts/${ANNA}/edits`, { to: jid, id: said, text: "mine now", by: budi }),
      await say(`/contacts/${ANNA}/votes`, { to: jid, id: poll, options: ["now"] }),
    ];
    const [revoked, edited, voted] = await Promise.all(
      ids.map(async (id) => (await client.message(id)).message),
    );

    const sent = [...simulator.network.phones[0].devices.values()][0].connection?.log.map(({ node }) => node);
    const stanzaOf = (id: string) => sent?.find(({ attrs }) => attrs.id === id);
    assertEquals(ids.map((id) => stanzaOf(id)?.attrs.edit), ["8", "1", undefined]);
    assertEquals(revoked.message?.protocolMessage?.key?.participant, `8${budi}@lid`);
    const change = edited.message?.editedMessage?.message?.protocolMessage ?? edited.message?.protocolMessage;
    assertEquals([change?.key?.id, change?.key?.participant], [said, `8${budi}@lid`]);
    assertEquals(voted.message?.pollUpdateMessage?.pollCreationMessageKey?.id, poll);
    await client.end();
  },
);
