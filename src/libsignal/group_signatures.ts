import { isSigned } from "./signature_checks.ts";
import { makeSignature } from "./signature_making.ts";

/** Baileys' `SenderKeyMessage`; `getSignature` is private to its types. */
export interface GroupMessages {
  readonly prototype: {
    serialize(): Uint8Array;
    verifySignature(key: Uint8Array): void;
  };
}

/** At the end of a message in a group. */
const SIGNATURE_BYTES = 64;

/**
 * Signs what goes to groups and checks what comes from them in a faster way. Baileys binds libsignal's own functions
 * when it is loaded, so putting others in their place would change nothing.
 * @see Baileys lib/Signal/Group/sender-key-message.js
 */
export function signGroupsNatively({ prototype }: GroupMessages): void {
  if (!("getSignature" in prototype)) {
    throw new TypeError("Cannot sign messages to groups: Baileys works otherwise by now");
  }
  Object.assign(prototype, { getSignature: makeSignature });
  prototype.verifySignature = function (key) {
    const signed = this.serialize();
    const end = signed.length - SIGNATURE_BYTES;
    if (end < 0 || !isSigned(key, signed.subarray(0, end), signed.subarray(end))) {
      throw new Error("Invalid signature!"); // as Baileys would
    }
  };
}
