import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BaileysClient } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("pairing by QR ends in an open connection that stays open", async (simulator) => {
  const pings = () => simulator.queries.get("w:p get ping") ?? 0;

  const { client, phone, device } = await link(simulator, { keepAliveIntervalMs: 100 });

  assertEquals(client.closes, [515]);
  assertEquals(client.auth.creds.me?.id, `${phone.number}:1@s.whatsapp.net`);
  assertEquals(client.auth.creds.me?.lid, `${phone.lid}:1@lid`);
  await client.until(() => client.auth.creds.me?.name === "Gateway", "own push name");
  assertEquals(device.preKeys.size, 812 - 1); // the phone took one for its history
  const before = pings();
  await simulator.until(() => pings() >= before + 2, "pings");
  assertEquals(client.state, "open");
  assertEquals(client.log.lines.map((line) => line.text), [
    "stream errored out", // the intended 515
    "no name present, ignoring presence update request...",
  ]);
  await client.end();
});

withSimulator(
  "pairing ends with 408 when the refs are used up, and stale codes cannot be scanned",
  async (simulator) => {
    const client = new BaileysClient(simulator.url, { config: { qrTimeout: 60 } });
    const qr = await client.until(() => client.qr, "qr");

    await client.closed(408);

    const shown = client.of("connection.update").map((update) => update.qr).filter(Boolean);
    assertEquals(new Set(shown).size, 6);
    await simulator.until(() => simulator.refs.length === 0, "the server to notice");
    await assertRejects(
      () => simulator.scanQr(qr, simulator.phone(aNumber())),
      Error,
      "nobody shows this QR code",
    );
  },
);

withSimulator(
  "pairing is refused by the client when the phone does not know the secret",
  async (simulator) => {
    const client = new BaileysClient(simulator.url);
    const parts = (await client.until(() => client.qr, "qr")).split(",");
    parts[3] = Buffer.alloc(32, 1).toString("base64");

    const scan = simulator.scanQr(parts.join(","), simulator.phone(aNumber()));

    await assertRejects(() => scan, Error, "Cannot link");
    assertEquals(client.auth.creds.me, undefined);
    await client.end();
  },
);

withSimulator("pairing works with a code that is typed into the phone", async (simulator) => {
  const client = new BaileysClient(simulator.url);
  await client.until(() => client.qr, "a connection that can be linked");
  const phone = simulator.phone(aNumber(), "Coded");

  const code = await client.socket.requestPairingCode(phone.number);
  await simulator.enterCode(code, phone);
  await client.open();

  assertEquals(code.length, 8);
  assertEquals(client.auth.creds.registered, true);
  assertEquals(client.auth.creds.me?.id, `${phone.number}:1@s.whatsapp.net`);
  await client.end();
});

withSimulator("pairing with a wrong code fails, and leaves creds that only get 401", async (simulator) => {
  const client = new BaileysClient(simulator.url);
  await client.until(() => client.qr, "a connection that can be linked");
  const phone = simulator.phone(aNumber());
  await client.socket.requestPairingCode(phone.number, "AAAABBBB");

  await assertRejects(() => simulator.enterCode("CCCCDDDD", phone));

  await client.end();
  assert(client.auth.creds.me, "Baileys sets creds.me before the code was confirmed");
  const again = new BaileysClient(simulator.url, { auth: client.auth });
  await again.closed(401);
});

withSimulator("history of the phone reaches the client after pairing", async (simulator) => {
  const phone = simulator.phone(aNumber(), "Gateway");
  const anna = simulator.contact(aNumber(), "Anna");
  phone.history = [{
    with: anna,
    messages: [{ text: "new", fromMe: true, id: "H2" }, { text: "old", id: "H1" }],
  }];

  const { client } = await link(simulator, {}, phone);

  const set = await client.until(() => client.of("messaging-history.set")[0], "history");
  assertEquals(set.chats.map((chat) => chat.id), [anna.lidJid]);
  const messages = set.messages.map(({ key, message }) => [key.id, key.fromMe, message?.conversation]);
  assertEquals(messages, [["H2", true, "new"], ["H1", false, "old"]]);
  assertEquals(set.contacts.map(({ id, name, phoneNumber }) => [id, name, phoneNumber]), [
    [anna.lidJid, "Anna", anna.pnJid],
  ]);
  await client.end();
});

withSimulator("history that is declined by the client does not hold the backlog back", async (simulator) => {
  const { client, phone, device } = await linkSilently();
  device.drop();
  await client.closed(428);
  const id = await simulator.contact(aNumber(), "Anna").sendText(phone, "missed");

  client.connect();

  await client.message(id);
  const waited = client.log.lines.some(({ text }) => text.includes("AwaitingInitialSync"));
  assert(!waited, "the client waited 20 s for the history");
  await client.end();

  async function linkSilently() {
    const client = new BaileysClient(simulator.url, { config: { shouldSyncHistoryMessage: () => false } });
    const phone = simulator.phone(aNumber());
    const device = await simulator.scanQr(await client.until(() => client.qr, "qr"), phone);
    await client.open();
    await simulator.until(() => device.caughtUpOn === device.connection, "the backlog of the first login");
    return { client, phone, device };
  }
}, { afterPairing: "silent" });

withSimulator("logout by the client removes its device", async (simulator) => {
  const { client, phone } = await link(simulator);

  await client.socket.logout();

  await client.closed(401);
  await simulator.until(() => phone.devices.size === 0, "the device to be gone");
});
