import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { Curve, WA_CERT_DETAILS } from "@whiskeysockets/baileys";
import { newKeyPair, sign, verify } from "../../../src/simulator/wire/keys.ts";
import { BaileysClient } from "../../support/baileys_client.ts";
import { link, trustRoot, withSimulator } from "../../support/simulated.ts";

Deno.test("keys verify only the signature that was made", () => {
  const { pub, priv } = newKeyPair();
  const signature = sign(priv, Buffer.from("text"));

  assertEquals(verify(pub, Buffer.from("text"), signature), true);
  assertEquals(verify(pub, Buffer.from("test"), signature), false);
  assertEquals(verify(pub, Buffer.from("text"), Buffer.alloc(64, 7)), false);
});

Deno.test("Baileys 7.0.0-rc14 accepts any signature", () => {
  // libsignal 6.0.0 returns a boolean that Curve.verify drops. When this fails, the hole was closed, and trusting the
  // root key of the simulator is what keeps the other tests working.
  const { public: key } = Curve.generateKeyPair();

  assertEquals(Curve.verify(key, Buffer.from("text"), Buffer.alloc(64, 7)), true);
});

withSimulator("handshake passes with an untrusted root, as Baileys does not check it", async (simulator) => {
  trustRoot(new Uint8Array(32).fill(9));

  const client = new BaileysClient(simulator.url);

  await client.until(() => client.qr, "qr");
  await client.end();
});

withSimulator("handshake fails when the issuer of the certificate has another serial", async (simulator) => {
  const details = WA_CERT_DETAILS as { SERIAL: number };
  details.SERIAL = 5;

  const client = new BaileysClient(simulator.url);

  try {
    await client.closed(400);
  } finally {
    details.SERIAL = 0;
  }
});

withSimulator(
  "login works with auth state that went through JSON, and brings back the edge routing",
  async (simulator) => {
    const { client, phone, device } = await link(simulator);
    await client.end();

    const restarted = new BaileysClient(simulator.url, { auth: client.auth.copy() });
    await restarted.open();

    assertEquals(restarted.closes, []);
    assertEquals(device.connection?.noise.routingInfo, Buffer.from([8, 2, 8, 5, 1]));
    const anna = simulator.contact("4917000001", "Anna");
    const { message } = await restarted.message(await anna.sendText(phone, "after the restart"));
    assertEquals(message.message?.extendedTextMessage?.text, "after the restart");
    await restarted.end();
  },
);
