import { Buffer } from "node:buffer";
import { Curve, WA_CERT_DETAILS } from "@whiskeysockets/baileys";
import { SenderKeyMessage } from "@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js";
import { signGroupsNatively } from "../../libsignal/group_signatures.ts";
import { checkSignaturesNatively, isSigned } from "../../libsignal/signature_checks.ts";
import { makeSignature } from "../../libsignal/signature_making.ts";

const roots = new Set<string>();
let installed = false;

/**
 * Makes Baileys check signatures. Its own `Curve.verify` forgets libsignal's answer and takes every signature for good,
 * so that neither the server's certificate nor the phone's signature at pairing means anything.
 * @param rootKey Hex of the 32-byte public key that signs the server's certificates; WhatsApp's own when left out.
 * @see Baileys lib/Utils/noise-handler.js, lib/Utils/validate-connection.js
 */
export function checkSignatures(rootKey?: string): void {
  if (rootKey !== undefined) roots.add(rootKey.toLowerCase());
  if (installed) return;
  installed = true;
  checkSignaturesNatively();
  signGroupsNatively(SenderKeyMessage);
  Curve.sign = makeSignature; // linking a device takes two, of up to 40 ms each by libsignal's own mathematics
  const whatsApp = Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY);
  Curve.verify = (key, message, signature) => {
    const isRoot = whatsApp.equals(key);
    if (!isRoot || roots.size === 0) return isSigned(key, message, signature);
    return [...roots].some((root) => isSigned(Buffer.from(root, "hex"), message, signature));
  };
}
