import type { Buffer } from "node:buffer";
import crypto from "libsignal/src/crypto.js";
import { hmacSha256 } from "./hmac_sha256.ts";

interface Macs {
  calculateMAC(key: Uint8Array, data: Uint8Array): Buffer;
  verifyMAC(data: Uint8Array, key: Uint8Array, mac: Uint8Array, length: number): void;
}

let installed = false;

/**
 * Lets libsignal sign without Node's crypto, of which it makes an object for each of the three signatures of a message.
 * Once per process.
 * @see libsignal src/crypto.js
 */
export function signInProcess(): void {
  if (installed) return;
  installed = true;
  const parts: unknown = crypto;
  if (!hasMacs(parts)) throw new TypeError("Cannot mend libsignal: it works otherwise by now");
  Object.assign(parts, { calculateMAC: hmacSha256, verifyMAC });
}

/** @throws {Error} If the first bytes of the signature are others. */
export const verifyMAC: Macs["verifyMAC"] = (data, key, mac, length) => {
  const expected = hmacSha256(key, data).subarray(0, length);
  if (mac.length !== length || expected.length !== length) throw new Error("Bad MAC length");
  if (!expected.equals(mac)) throw new Error("Bad MAC");
};

function hasMacs(parts: unknown): parts is Macs {
  return typeof parts === "object" && parts !== null && "calculateMAC" in parts && "verifyMAC" in parts &&
    typeof parts.calculateMAC === "function" && parts.calculateMAC.length === 2 &&
    typeof parts.verifyMAC === "function" && parts.verifyMAC.length === 4;
}
