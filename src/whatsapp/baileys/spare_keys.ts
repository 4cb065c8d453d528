import { Curve, INITIAL_PREKEY_COUNT, type KeyPair } from "@whiskeysockets/baileys";
import { nextTurn } from "../../async/next_turn.ts";

/** Keys that are made without a pause: about a millisecond. */
const SLICE = 16;

const make = Curve.generateKeyPair;
const spare: KeyPair[] = [];
let making: Promise<void> | undefined;
let installed = false;

/**
 * Hands out keys that were made ahead, where there are any: WhatsApp gets 812 of them for a device that was just
 * linked, and making those takes some 40 ms in which nobody else has a turn. Once per process.
 * @see Baileys lib/Utils/signal.js `generateOrGetPreKeys`
 */
export function handOutSpareKeys(): void {
  if (installed) return;
  installed = true;
  Curve.generateKeyPair = () => spare.pop() ?? make();
}

/** Makes as many keys as a device needs that is being linked, a few at a time: while its code is looked at. */
export function makeSpareKeys(): Promise<void> {
  return making ??= fill().finally(() => making = undefined);
}

async function fill(): Promise<void> {
  while (spare.length < INITIAL_PREKEY_COUNT) {
    spare.push(...Array.from({ length: SLICE }, make));
    await nextTurn();
  }
}
