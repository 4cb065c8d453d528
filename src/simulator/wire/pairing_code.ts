// Linking with an 8-character code instead of a QR: the phone's half of the key exchange.
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2Sync, randomBytes } from "node:crypto";
import { agree, type KeyPair, newKeyPair } from "./keys.ts";

const KEY_ITERATIONS = 2 << 16;
const BUNDLE_INFO = "link_code_pairing_key_bundle_encryption_key";

function codeKey(code: string, salt: Uint8Array): Buffer {
  return pbkdf2Sync(code, salt, KEY_ITERATIONS, 32, "sha256");
}

export class CodePairing {
  readonly #phone: KeyPair;
  readonly #code: string;
  readonly #ephemeral: KeyPair = newKeyPair();
  readonly #companionEphemeral: Buffer;

  /** @param wrapped The companion's ephemeral key as it came in `companion_hello`: salt, iv, ciphertext. */
  constructor(phone: KeyPair, code: string, wrapped: Buffer) {
    this.#phone = phone;
    this.#code = code;
    const cipher = createDecipheriv(
      "aes-256-ctr",
      codeKey(code, wrapped.subarray(0, 32)),
      wrapped.subarray(32, 48),
    );
    this.#companionEphemeral = Buffer.concat([cipher.update(wrapped.subarray(48, 80)), cipher.final()]);
  }

  /** Our ephemeral key under the code: `link_code_pairing_wrapped_primary_ephemeral_pub`. */
  wrapEphemeral(): Buffer {
    const [salt, iv] = [randomBytes(32), randomBytes(16)];
    const cipher = createCipheriv("aes-256-ctr", codeKey(this.#code, salt), iv);
    return Buffer.concat([salt, iv, cipher.update(this.#ephemeral.pub), cipher.final()]);
  }

  /**
   * Opens the companion's key bundle.
   * @returns The ADV secret that both sides share now.
   * @throws {Error} If the code was wrong, or the bundle names other identities.
   */
  finish(bundle: Buffer, companionIdentity: Buffer): Buffer {
    const shared = agree(this.#ephemeral.priv, this.#companionEphemeral);
    const key = Buffer.from(hkdfSync("sha256", shared, bundle.subarray(0, 32), BUNDLE_INFO, 32));
    const cipher = createDecipheriv("aes-256-gcm", key, bundle.subarray(32, 44));
    cipher.setAuthTag(bundle.subarray(bundle.length - 16));
    const plain = Buffer.concat([cipher.update(bundle.subarray(44, bundle.length - 16)), cipher.final()]);
    if (!plain.subarray(0, 32).equals(companionIdentity)) {
      throw new Error("Cannot link: companion identity differs");
    }
    if (!plain.subarray(32, 64).equals(this.#phone.pub)) {
      throw new Error("Cannot link: phone identity differs");
    }
    const secret = Buffer.concat([
      shared,
      agree(this.#phone.priv, companionIdentity),
      plain.subarray(64, 96),
    ]);
    return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), "adv_secret", 32));
  }
}
