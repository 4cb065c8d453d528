import { Buffer } from "node:buffer";
import { Curve, WA_CERT_DETAILS } from "@whiskeysockets/baileys";
import { SenderKeyMessage } from "@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js";
import { checkSignaturesNatively, verifySignature } from "../../libsignal/signature_checks.ts";

/** A Signal key on the wire: one byte that names the curve, then the key. */
const CURVE_25519 = 5;
/** At the end of a message in a group. */
const SIGNATURE_BYTES = 64;

const roots = new Set<string>();
let installed = false;

/**
 * Makes Baileys check signatures. Its own `Curve.verify` forgets libsignal's answer and takes every signature for good,
 * so that neither the server's certificate nor the phone's signature at pairing means anything. Those of messages in
 * groups, which it does check, are checked in a faster way.
 * @param rootKey Hex of the 32-byte public key that signs the server's certificates; WhatsApp's own when left out.
 * @see Baileys lib/Utils/noise-handler.js, lib/Utils/validate-connection.js,
 * lib/Signal/Group/sender-key-message.js
 */
export function checkSignatures(rootKey?: string): void {
  if (rootKey !== undefined) roots.add(rootKey.toLowerCase());
  if (installed) return;
  installed = true;
  checkSignaturesNatively();
  SenderKeyMessage.prototype.verifySignature = function (key) {
    const signed = this.serialize();
    const end = signed.length - SIGNATURE_BYTES;
    if (end < 0 || !isSigned(key, signed.subarray(0, end), signed.subarray(end))) {
      throw new Error("Invalid signature!"); // as Baileys would
    }
  };
  const whatsApp = Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY);
  Curve.verify = (key, message, signature) => {
    const isRoot = whatsApp.equals(key);
    if (!isRoot || roots.size === 0) return isSigned(key, message, signature);
    return [...roots].some((root) => isSigned(Buffer.from(root, "hex"), message, signature));
  };
}

function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const prefixed = key.length === 33 ? Buffer.from(key) : Buffer.concat([Buffer.of(CURVE_25519), key]);
  try {
    return verifySignature(prefixed, Buffer.from(message), Buffer.from(signature));
  } catch {
    return false; // keys or signatures of the wrong shape
  }
}
