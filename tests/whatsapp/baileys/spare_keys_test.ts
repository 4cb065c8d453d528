import { assertEquals, assertGreater } from "@std/assert";
import { Buffer } from "node:buffer";
import { Curve, INITIAL_PREKEY_COUNT } from "@whiskeysockets/baileys";
import { nextTurn } from "../../../src/async/next_turn.ts";
import { handOutSpareKeys, makeSpareKeys } from "../../../src/whatsapp/baileys/spare_keys.ts";

Deno.test("spare keys are made in many turns, and each is handed out once", async () => {
  handOutSpareKeys();
  let turns = 0;
  let isMaking = true;
  const making = makeSpareKeys().then(() => isMaking = false);
  while (isMaking) {
    await nextTurn();
    turns++;
  }
  await making;

  const pairs = Array.from({ length: INITIAL_PREKEY_COUNT + 100 }, () => Curve.generateKeyPair());

  assertGreater(turns, 20);
  assertEquals(new Set(pairs.map((pair) => Buffer.from(pair.private).toString("hex"))).size, pairs.length);
  const [first, last] = [pairs[0], pairs[pairs.length - 1]];
  assertEquals(
    Curve.sharedKey(first.private, last.public),
    Curve.sharedKey(last.private, first.public),
  );
});
