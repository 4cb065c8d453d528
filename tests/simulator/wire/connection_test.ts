import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { once } from "node:events";
import { connect } from "node:net";
import { node } from "../../../src/simulator/wire/nodes.ts";
import { BaileysClient } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("connection that is replaced closes with 440", async (simulator) => {
  const { client, device } = await link(simulator);

  device.replace();

  await client.closed(440);
});

withSimulator("connection of a removed device closes with 401, as does its next login", async (simulator) => {
  const { client, device } = await link(simulator);

  device.remove();
  await client.closed(401);
  const again = new BaileysClient(simulator.url, { auth: client.auth });

  await again.closed(401);
});

withSimulator("connection closes with the code that the server ends the stream with", async (simulator) => {
  const { client, device } = await link(simulator);

  device.restart("503");

  await client.closed(503);
});

withSimulator(
  "connection that drops, whole or in the middle of a frame, closes with 428",
  async (simulator) => {
    const { client, device } = await link(simulator);
    const drops = () => client.closes.filter((code) => code === 428).length;

    device.drop();
    await client.closed(428);
    client.connect();
    await client.open();
    const stanza = node("notification", { from: "@s.whatsapp.net", id: "x", type: "account_sync", t: 1 });
    device.connection?.sendHalfAndDrop(stanza);

    await client.until(() => drops() === 2, "the second drop");
    await client.end();
  },
);

withSimulator("connection is replaced by a second login with the same auth state", async (simulator) => {
  const { client } = await link(simulator);

  const thief = new BaileysClient(simulator.url, { auth: client.auth.copy() });

  await client.closed(440);
  await thief.open();
  await thief.end();
});

withSimulator("connection to a dead peer is given up by keepalive with 408", async (simulator) => {
  const { client, device } = await link(simulator, { keepAliveIntervalMs: 300 });

  if (device.connection) device.connection.blackhole = true;

  await client.closed(408);
});

for (const status of [429, 503]) {
  withSimulator(
    `connection that is refused with ${status} is seen only by those who listen`,
    async (simulator) => {
      simulator.faults.upgradeStatus = status;

      const client = new BaileysClient(simulator.url);
      await client.closed(status);
      client.watchRefusedUpgrade = false;
      client.closes.length = 0;
      client.connect();
      const later = new BaileysClient(simulator.url);
      await later.closed(status); // it was refused after the other one

      assertEquals([client.state, client.closes], ["connecting", []]);
      await Promise.all([client.end(), later.end()]);
    },
  );
}

withSimulator(
  "connection that is refused may be cut by a client that does not read why",
  async (simulator) => {
    simulator.faults.upgradeStatus = 503;
    const { hostname, port } = new URL(simulator.url);
    const rude = connect(Number(port), hostname);
    rude.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await once(rude, "data");
    rude.resetAndDestroy();

    const client = new BaileysClient(simulator.url);

    await client.closed(503);
  },
);

withSimulator("connection of a banned account closes with the reason", async (simulator) => {
  const { client, device } = await link(simulator);
  simulator.faults.loginFailure = 403;

  device.drop();
  await client.closed(428);
  client.connect();

  await client.closed(403);
});

withSimulator("connection that is slow still pairs and carries messages", async (simulator) => {
  simulator.faults.delayOutMs = 100;
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const startedAt = performance.now();

  await client.message(await anna.sendText(phone, "slow"));

  assertGreaterOrEqual(performance.now() - startedAt, 95);
  await client.end();
});

withSimulator("connections of ten sessions exchange messages both ways at once", async (simulator) => {
  const sessions = await Promise.all(Array.from({ length: 10 }, () => link(simulator)));
  const anna = simulator.contact(aNumber(), "Anna");

  const got = await Promise.all(sessions.map(async ({ client, phone }, index) => {
    await client.message(await anna.sendText(phone, `to ${index}`));
    const sent = await client.socket.sendMessage(anna.lidJid, { text: `from ${index}` });
    const received = await anna.waitMessage((message) => message.id === sent?.key.id);
    return received.message.extendedTextMessage?.text;
  }));

  assertEquals(got, Array.from({ length: 10 }, (_, index) => `from ${index}`));
  assertEquals(sessions.map(({ client }) => client.state), Array(10).fill("open"));
  for (const { client } of sessions) await client.end();
});
