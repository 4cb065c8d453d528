import { assertEquals } from "@std/assert";
import { BaileysClient } from "../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../support/simulated.ts";

withSimulator("pairing by qr ends in an open connection", async (simulator) => {
  const { client, phone } = await link(simulator);

  assertEquals(client.closes, [515]);
  assertEquals(client.auth.creds.me?.id, `${phone.number}:1@s.whatsapp.net`);
  await client.end();
});
