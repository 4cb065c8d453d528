import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { Curve, generateSignalPubKey, initAuthCreds } from "@whiskeysockets/baileys";
import { SenderKeyMessage } from "@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js";
import { checkSignatures } from "../../../src/whatsapp/baileys/signatures.ts";
import { withWorld } from "../../support/sessions.ts";

Deno.test("signatures are checked, unlike in Baileys alone", () => {
  checkSignatures();
  const pair = Curve.generateKeyPair();
  const text = Buffer.from("text");
  const signature = Curve.sign(pair.private, text);

  assertEquals(Curve.verify(pair.public, text, signature), true);
  assertEquals(Curve.verify(pair.public, Buffer.from("other"), signature), false);
  assertEquals(Curve.verify(pair.public, text, Buffer.alloc(64, 7)), false);
  assertEquals(Curve.verify(pair.public, text, Buffer.alloc(3)), false);
});

Deno.test("a new device signs its key as everybody checks it, with another number each time", () => {
  checkSignatures();
  const { signedIdentityKey, signedPreKey } = initAuthCreds();
  const key = generateSignalPubKey(signedPreKey.keyPair.public);

  assertEquals(Curve.verify(signedIdentityKey.public, key, signedPreKey.signature), true);
  const again = Curve.sign(signedIdentityKey.private, key);
  assertNotEquals(again, signedPreKey.signature); // libsignal's own would be equal
});

Deno.test("message to a group is signed as phones check it, with another number each time", () => {
  checkSignatures();
  const pair = Curve.generateKeyPair();
  const signed = () => new SenderKeyMessage(1, 2, Buffer.from("ciphertext"), pair.private).serialize();

  const [first, second] = [signed(), signed()];

  new SenderKeyMessage(null, null, null, null, first).verifySignature(pair.public);
  new SenderKeyMessage(null, null, null, null, second).verifySignature(pair.public);
  assertNotEquals(first.subarray(-64), second.subarray(-64)); // libsignal's own would be equal
  const other = Curve.generateKeyPair().public;
  assertThrows(() => new SenderKeyMessage(null, null, null, null, first).verifySignature(other));
});

withWorld("session pairs when the phone's signature is right", async ({ link }) => {
  const { reports, phone } = await link();

  assertEquals(reports.me?.jid, phone.pnJid);
});

Deno.test({
  name: "session refuses a server whose certificate another authority signed",
  // the trusted roots are the process's: this one must not have the simulator's
  fn: async () => {
    const script = new URL("../../support/untrusted_server.ts", import.meta.url);
    const run = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script.pathname] }).output();

    assertEquals(
      new TextDecoder().decode(run.stdout).trim(),
      "connection_lost: noise intermediate certificate signature invalid",
    );
  },
});
