import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { downloadMediaMessage } from "@whiskeysockets/baileys";
import { BaileysClient } from "../../support/baileys_client.ts";
import { ANNA, linkOver, PHONE, withControl } from "../../support/controlled.ts";

interface ShownMessage {
  readonly id: string;
  readonly text: string;
  readonly from: string;
  readonly quotedId: string;
}

withControl("tells what it is, and the two settings of a gateway", async ({ ask }, simulator) => {
  const { status, body } = await ask("GET", "/");

  assertEquals([status, body.url, body.rootKey], [200, simulator.url, simulator.rootKey.toString("hex")]);
  assertMatch(body.tlsCaPem, /BEGIN CERTIFICATE/);
});

withControl("links a client by its QR code, and carries messages both ways", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);

  const { body: { id } } = await control.ask("POST", `/contacts/${ANNA}/messages`, {
    to: PHONE,
    text: "hello",
  });
  const { message } = await client.message(id);
  const waiting = control.ask<ShownMessage[]>("GET", `/contacts/${ANNA}/messages?wait=5`);
  const sent = await client.socket.sendMessage(message.key.remoteJid ?? "", { text: "hi" }, {
    quoted: message,
  });
  const { body: [received] } = await waiting;
  const { body: none } = await control.ask<ShownMessage[]>(
    "GET",
    `/contacts/${ANNA}/messages?after=${received.id}`,
  );

  assertEquals(message.message?.extendedTextMessage?.text, "hello");
  assertEquals([received.id, received.text, received.quotedId, received.from], [
    sent?.key.id,
    "hi",
    id,
    PHONE,
  ]);
  assertEquals(none, []);
  await client.end();
});

withControl("links a client by a pairing code", async ({ ask }, simulator) => {
  const client = new BaileysClient(simulator.url);
  await client.until(() => client.qr, "a connection that can be linked");
  await ask("POST", "/phones", { phone: PHONE });
  const code = await client.socket.requestPairingCode(PHONE);

  const { status } = await ask("POST", `/phones/${PHONE}/code`, {
    code: `${code.slice(0, 4)}-${code.slice(4)}`,
  });

  assertEquals(status, 201);
  await client.open();
  await client.end();
});

withControl("makes a contact read and answer by itself", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const habits = { autoReceipts: ["delivered", "read"], autoReply: "You said: {text}" };

  await control.ask("PATCH", `/contacts/${ANNA}`, habits);
  const sent = await client.socket.sendMessage(`${ANNA}@s.whatsapp.net`, { text: "hi" });

  await client.status(sent?.key.id ?? "", 4);
  const answer = () =>
    client.messages.find(({ message }) => message.message?.extendedTextMessage?.text === "You said: hi");
  await client.until(answer, "the answer");
  await client.end();
});

withControl("makes a contact send files, react, edit, revoke, call and type", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const file = Buffer.from("%PDF-1.7");
  const act = async (what: string, body: object) =>
    (await control.ask("POST", `/contacts/${ANNA}/${what}`, body)).body;

  const document = { base64: file.toString("base64"), fileName: "a.pdf", caption: "see" };
  const { id } = await act("messages", { to: PHONE, document });
  const { message } = await client.message(id);
  const { id: textId } = await act("messages", { to: PHONE, text: "first", quotedId: id });
  await client.message(textId);
  await act("reactions", { to: PHONE, id, emoji: "👍" });
  await act("edits", { to: PHONE, id: textId, text: "second" });
  await act("revokes", { to: PHONE, id });
  const { callId } = await act("calls", { to: PHONE, video: true });
  await act("presence", { to: PHONE, state: "composing" });

  assertEquals(Buffer.from(await downloadMediaMessage(message, "buffer", {})), file);
  await client.until(() => client.of("messages.reaction").flat()[0]?.reaction.text === "👍", "reaction");
  await client.until(
    () => client.updates(textId).some(({ update }) => update.message?.editedMessage),
    "edit",
  );
  await client.until(() => client.updates(id).some(({ update }) => update.message === null), "revoke");
  const call = await client.until(() => client.of("call").flat()[0], "call");
  assertEquals([call.id, call.isVideo], [callId, true]);
  await client.until(() => client.of("presence.update")[0], "typing");
  await client.end();
});

withControl("makes groups, in which contacts write", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);

  const { status, body: group } = await control.ask("POST", "/groups", {
    subject: "Team",
    members: [PHONE, ANNA],
  });
  const { body: { id } } = await control.ask("POST", `/groups/${group.jid}/messages`, {
    from: ANNA,
    text: "hi all",
  });
  await control.ask("PUT", `/groups/${group.jid}/subject`, { by: ANNA, subject: "Best team" });

  assertEquals([status, group.subject, group.members.length], [201, "Team", 2]);
  assertEquals((await client.message(id)).message.key.remoteJid, group.jid);
  await client.until(
    () => client.of("groups.update").flat().some(({ subject }) => subject === "Best team"),
    "rename",
  );
  await client.end();
});

withControl("ends the connections of a device", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);

  await control.ask("POST", `/phones/${PHONE}/devices/1/restart`, { code: "503" });
  await client.closed(503);
  client.connect();
  await client.open();
  await control.ask("POST", `/phones/${PHONE}/devices/1/remove`);
  await client.closed(401);

  assertEquals((await control.ask("GET", `/phones/${PHONE}`)).body.devices, []);
});

withControl("sets faults, limited in number, and ends them", async (control, simulator) => {
  const client = await linkOver(control, simulator.url);
  const send = () => client.socket.sendMessage(`${ANNA}@s.whatsapp.net`, { text: "x" });

  const { body } = await control.ask<object>("PUT", "/faults", {
    refuse: { code: 463, times: 1 },
    ackDelayMs: 1,
  });
  const refused = await send();
  await client.status(refused?.key.id ?? "", 0);
  const taken = await send();
  await client.until(() => client.serverAcks.find(({ id, error }) => id === taken?.key.id && !error), "ack");
  await control.ask("PUT", "/faults", {});

  assertEquals(body, { refuse: { code: 463, times: 1 }, ackDelayMs: 1 });
  assertEquals(simulator.faults, {});
  await client.end();
});

withControl("shows what clients did wrong", async ({ ask }, simulator) => {
  simulator.network.complain("something");

  const { body } = await ask<object>("GET", "/complaints");
  const { status } = await ask("DELETE", "/complaints");

  assertEquals(body, { complaints: ["something"], unknown: [] });
  assertEquals([status, simulator.complaints], [204, []]);
});

const WRONG: readonly (readonly [
  name: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  says: RegExp,
])[] = [
  ["a body that is not JSON", "POST", "/phones", "{", 400, /not JSON/],
  ["a missing field", "POST", "/phones", {}, 400, /^phone: /],
  ["a wrong phone number", "POST", "/contacts", { phone: "anna" }, 400, /^phone: expected a phone number/],
  ["a field that does not exist", "POST", "/contacts", { phone: ANNA, nick: "A" }, 400, /nick/],
  [
    "a message without content",
    "POST",
    `/contacts/${ANNA}/messages`,
    { to: PHONE },
    400,
    /^text: expected exactly one of/,
  ],
  [
    "a message with two contents",
    "POST",
    `/contacts/${ANNA}/messages`,
    { to: PHONE, text: "a", image: {} },
    400,
    /one of/,
  ],
  ["a wrong fault", "PUT", "/faults", { upgradeStatus: 200 }, 400, /^upgradeStatus: /],
  [
    "somebody who does not exist",
    "POST",
    "/contacts/49999999/messages",
    { to: PHONE, text: "x" },
    404,
    /POST \/contacts/,
  ],
  [
    "a QR code that nobody shows",
    "POST",
    `/phones/${PHONE}/scan`,
    { qr: "2@x" },
    409,
    /Cannot read QR code/,
  ],
  [
    "a device that does not exist",
    "POST",
    `/phones/${PHONE}/devices/7/drop`,
    undefined,
    404,
    /no device 7/,
  ],
  ["a route that does not exist", "GET", "/nothing", undefined, 404, /see GET \//],
];

for (const [name, method, path, body, status, says] of WRONG) {
  withControl(`refuses ${name} with a clear answer`, async ({ ask }, simulator) => {
    simulator.phone(PHONE);
    simulator.contact(ANNA, "Anna");

    const answer = await ask(method, path, body);

    assertEquals(answer.status, status);
    assertMatch(answer.body.error, says);
    assert(!answer.body.error.includes("\n"));
  });
}
