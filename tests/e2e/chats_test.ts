import { assertEquals, assertMatch } from "@std/assert";
import { withFields } from "../../src/simulator/people/unknown_fields.ts";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

Deno.test("a reaction, an edit and a deletion reach the other side, and raise no statuses", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  budi.autoReceipts = ["delivered"];
  const path = `/v1/devices/${id}/messages`;
  const incoming = await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const sent = await gateway.ask("POST", `${path}/text`, { to: BUDI, text: "halo" });
  const messageId = String(sent.at("data.message_id"));

  const answers = [
    await gateway.ask("POST", `${path}/reaction`, { message_id: incoming, emoji: "👍" }),
    await gateway.ask("PATCH", `${path}/${messageId}`, { text: "halo!" }),
    await gateway.ask("DELETE", `${path}/${messageId}`),
  ];
  const received = await Promise.all(
    answers.map((answer) => budi.waitMessage(({ id }) => id === answer.at("data.wa_message_id"))),
  );
  await until(
    async () => (await gateway.events("message.status")).some(({ status }) => status === "delivered"),
    "the text is delivered",
  );

  assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
  const [reaction, edit, deletion] = received.map(({ message }) => message);
  assertEquals(reaction.reactionMessage?.text, "👍");
  assertEquals(reaction.reactionMessage?.key?.id, incoming);
  assertEquals(edit.protocolMessage?.key?.id, sent.at("data.wa_message_id"));
  assertEquals(deletion.protocolMessage?.key?.id, sent.at("data.wa_message_id"));
  const statuses = await gateway.events("message.status");
  assertEquals(new Set(statuses.map((data) => data.messageId)), new Set([messageId]));
});

Deno.test("what cannot be done to a message is refused, each with a code of its own", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const incoming = await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const path = `/v1/devices/${id}/messages`;

  const nothing = await gateway.ask("POST", `${path}/reaction`, { message_id: "3A00", emoji: "👍" });
  const theirs = await gateway.ask("PATCH", `${path}/${incoming}`, { text: "malam" });

  assertEquals([nothing.status, nothing.at("error.code")], [404, "MESSAGE_NOT_FOUND"]);
  assertEquals([theirs.status, theirs.at("error.code")], [409, "NOT_YOUR_MESSAGE"]);
});

Deno.test("conversations are listed and read page by page, newest first", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const [budi, siti] = [
    gateway.simulator.contact(BUDI, "Budi"),
    gateway.simulator.contact("628987654321", "Siti"),
  ];
  for (const t of [1_762_000_001, 1_762_000_002, 1_762_000_003]) {
    await budi.sendText(phone, `pesan ${t}`, { t });
  }
  await siti.sendText(phone, "halo", { t: 1_762_000_009 });
  await until(async () => (await gateway.events("message.received")).length === 4, "all came");
  const chat = `/v1/devices/${id}/chats/${BUDI}/messages`;

  const chats = await gateway.ask("GET", `/v1/devices/${id}/chats`);
  const first = await gateway.ask("GET", `${chat}?limit=2`);
  const second = await gateway.ask("GET", `${chat}?limit=2&before=${first.at("data.next_before")}`);

  assertEquals(chats.at("data.chats.0.chat_id"), "628987654321@s.whatsapp.net");
  assertEquals(chats.at("data.chats.0.last_message.text"), "halo");
  assertEquals(chats.at("data.count"), 2);
  assertEquals([first.at("data.messages.0.text"), first.at("data.messages.1.text")], [
    "pesan 1762000003",
    "pesan 1762000002",
  ]);
  assertEquals([second.at("data.messages.0.text"), second.at("data.next_before")], [
    "pesan 1762000001",
    null,
  ]);
  assertEquals(first.at("data.messages.0.from"), `${BUDI}@s.whatsapp.net`);
});

Deno.test("marking a chat as read tells its author", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const incoming = await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");

  const marked = await gateway.ask("POST", `/v1/devices/${id}/chats/${BUDI}/mark-read`);

  assertEquals([marked.status, marked.at("data.marked")], [200, 1]);
  const readIds = () => budi.receipts.filter(({ type }) => type === "read").flatMap(({ ids }) => ids);
  await until(() => readIds().includes(incoming), "Budi knows");
});

Deno.test("phone numbers are checked for WhatsApp", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  gateway.simulator.contact(BUDI, "Budi");

  const checked = await gateway.ask(
    "GET",
    `/v1/devices/${id}/contacts/check?phone=0812-3456-789,62899999999`,
  );

  assertEquals([checked.at("data.exists"), checked.at("data.wa_jid")], [true, `${BUDI}@s.whatsapp.net`]);
  assertEquals(checked.at("data.contacts.1.exists"), false);
});

Deno.test("typing and archiving are taken", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");

  const typing = await gateway.ask("POST", `/v1/devices/${id}/presence`, { to: BUDI, type: "composing" });
  const archived = await gateway.ask("POST", `/v1/devices/${id}/chats/${BUDI}/archive`, { archive: true });
  const muted = await gateway.ask("POST", `/v1/devices/${id}/chats/${BUDI}/mute`, {
    mute: true,
    duration_ms: 60_000,
  });

  assertEquals([typing.status, archived.status, muted.status], [200, 200, 200]);
  const [device] = [...phone.devices.values()];
  await until(() => device.presence.some((stanza) => stanza.tag === "chatstate"), "Budi sees it");
});

Deno.test("a group is made, changed and read", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const siti = "628987654321";
  gateway.simulator.contact(BUDI, "Budi");
  gateway.simulator.contact(siti, "Siti");
  const groups = `/v1/devices/${id}/groups`;

  const created = await gateway.ask("POST", `${groups}/create`, {
    subject: "Pelanggan",
    participants: [BUDI],
  });
  const group = `${groups}/${created.at("data.group_id")}`;
  const added = await gateway.ask("POST", `${group}/participants/add`, { participants: [siti] });
  const renamed = await gateway.ask("PUT", `${group}/subject`, { subject: "Setia" });
  const invite = await gateway.ask("GET", `${group}/invite`);
  const found = await gateway.ask("GET", group);
  const all = await gateway.ask("GET", groups);

  assertEquals([created.status, created.at("data.subject")], [201, "Pelanggan"]);
  assertEquals((added.at("data.changed") as readonly string[]).length, 1);
  assertEquals([renamed.status, found.at("data.subject")], [200, "Setia"]);
  assertMatch(String(invite.at("data.link")), /^https:\/\/chat\.whatsapp\.com\/.+/);
  assertEquals((found.at("data.participants") as readonly unknown[]).length, 3);
  assertEquals(all.at("data.count"), 1);
});

Deno.test("marking messages as read counts those that are known, and refuses when none is", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const incoming = await gateway.simulator.contact(BUDI, "Budi").sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const paths = [`/v1/devices/${id}/chats/${BUDI}/mark-read`, `/v1/devices/${id}/messages/mark-read`];

  for (const path of paths) {
    const some = await gateway.ask("POST", path, { message_ids: [incoming, "3A00"] });
    const none = await gateway.ask("POST", path, { message_ids: ["3A00"] });

    assertEquals([some.status, some.at("data.marked")], [200, 1]);
    assertEquals([none.status, none.at("error.code")], [404, "MESSAGE_NOT_FOUND"]);
  }
});

Deno.test("a new group tells who is not in it, and takes no group for a person", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  gateway.simulator.contact(BUDI, "Budi");
  const groups = `/v1/devices/${id}/groups`;

  const made = await gateway.ask("POST", groups, { subject: "Setia", participants: [BUDI, "628999999999"] });
  const nested = await gateway.ask("POST", groups, { subject: "Setia", participants: ["120363025246@g.us"] });

  assertEquals([made.status, made.at("data.not_added")], [201, ["628999999999@s.whatsapp.net"]]);
  assertEquals([nested.status, nested.at("error.code")], [400, "INVALID_RECIPIENT"]);
  assertMatch(String(nested.at("error.message")), /participants\[0\]: it is a group/);
});

Deno.test("what is no group's jid is refused with what one looks like", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");

  for (const wrong of ["nope", "%20", "1@s.whatsapp.net", "120363025246@g.us@g.us"]) {
    const refused = await gateway.ask("GET", `/v1/devices/${id}/groups/${wrong}`);

    assertEquals([refused.status, refused.at("error.code")], [400, "INVALID_RECIPIENT"]);
    assertMatch(String(refused.at("error.message")), /as group: it takes a group's jid, such as/);
  }
});

Deno.test("typing to nobody is refused with the field's name", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");

  const refused = await gateway.ask("POST", `/v1/devices/${id}/presence`, { type: "composing" });

  assertEquals(refused.status, 400);
  assertMatch(String(refused.at("error.message")), /^Field `to` is required for `composing`/);
});

Deno.test("a conversation with many messages of one second is read page by page, each once", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const t = Math.floor(Date.now() / 1_000);
  const sent = [await budi.sendText(phone, "before", { t: t - 1 })];
  for (let n = 0; n < 7; n++) sent.push(await budi.sendText(phone, `text ${n}`, { t }));
  await until(async () => (await gateway.events("message.received")).length === 8, "they came");
  const path = `/v1/devices/${id}/chats/${BUDI}/messages?limit=3`;

  async function pages(next: "next_before" | "next_cursor", parameter: string): Promise<string[][]> {
    const found: string[][] = [];
    let from = "";
    do {
      const page = await gateway.ask("GET", `${path}${from}`);
      const messages = page.at("data.messages") as { readonly message_id: string }[];
      found.push(messages.map(({ message_id }) => message_id));
      from = page.at(`data.${next}`) === null ? "" : `&${parameter}=${page.at(`data.${next}`)}`;
    } while (from !== "");
    return found;
  }

  const byCursor = await pages("next_cursor", "cursor");
  const byTime = await pages("next_before", "before");

  assertEquals(byTime.flat().toSorted(), sent.toSorted());
  assertEquals(byTime.map((page) => page.length), [7, 1]);
  assertEquals(byCursor.slice(1).flat().length + byCursor[0].length, 8);
  assertEquals(new Set(byCursor.flat()).size, 8);
});

Deno.test("a chat's messages are unread until they are read here, on another device, or answered", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const group = gateway.simulator.group("Keluarga", [phone, budi]);
  const first = await budi.sendText(phone, "satu");
  await budi.react(phone, { id: first }, "👍");
  await budi.sendText(phone, "dua");
  await budi.sendText(group, "tiga");
  const unread = async (chat: string) => {
    const chats = (await gateway.ask("GET", `/v1/devices/${id}/chats`)).at("data.chats") as {
      readonly chat_id: string;
      readonly unread: number;
      readonly marked_unread: boolean;
    }[];
    const found = chats.find(({ chat_id }) => chat_id === chat);
    return found && [found.unread, found.marked_unread];
  };
  const becomes = (chat: string, count: number, marked = false) =>
    until(async () => String(await unread(chat)) === String([count, marked]), `${chat} to have ${count}`);
  const mark = (ids?: readonly string[]) =>
    gateway.ask("POST", `/v1/devices/${id}/chats/${BUDI}/mark-read`, ids && { message_ids: ids });
  await becomes(budi.pnJid, 2);
  await becomes(group.jid, 1);

  phone.read(group, "read-self");
  await becomes(group.jid, 0);
  assertEquals([(await mark([first])).status, await unread(budi.pnJid)], [200, [1, false]]);
  phone.read(budi);
  await becomes(budi.pnJid, 0);
  await phone.markChat(budi, false);
  await becomes(budi.pnJid, 0, true);
  await budi.sendText(phone, "empat");
  await becomes(budi.pnJid, 1, true);
  assertEquals([(await mark()).status, await unread(budi.pnJid)], [200, [0, false]]);
  await budi.sendText(phone, "lima");
  await becomes(budi.pnJid, 1);
  await phone.type(budi, { conversation: "ya" });
  await becomes(budi.pnJid, 0);
});

Deno.test("a message is handed out byte by byte, and what came without content as its stanza", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const plaintext = withFields({ conversation: "halo" }, [{
    field: 4321,
    bytes: new TextEncoder().encode("new"),
  }]);
  const text = await budi.send(phone, {}, { plaintext });
  const shown = await budi.sendText(phone, "never seen", { unavailable: { type: "view_once" } });
  await until(async () => (await gateway.events("message.received")).length === 2, "they came");

  const [first, second, none] = await Promise.all(
    [text, shown, "3A00"].map((message) => gateway.ask("GET", `/v1/devices/${id}/messages/${message}/raw`)),
  );

  assertEquals([first.status, first.at("data.encoding"), first.at("data.chat_id")], [
    200,
    "protobuf",
    `${BUDI}@s.whatsapp.net`,
  ]);
  assertEquals(first.at("data.raw"), plaintext.toString("base64"));
  assertEquals([second.at("data.encoding"), JSON.parse(atob(String(second.at("data.raw")))).attrs.id], [
    "stanza",
    shown,
  ]);
  assertEquals([none.status, none.at("error.code")], [404, "MESSAGE_NOT_FOUND"]);
});
