// What a phone and a companion sign for each other when they are linked (ADV, "advanced device verification").
import { Buffer } from "node:buffer";
import { createHmac, randomInt } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import { type KeyPair, sign, verify } from "./keys.ts";
import { unixSeconds } from "./nodes.ts";

const ACCOUNT_SIGNATURE = Buffer.from([6, 0]);
const DEVICE_SIGNATURE = Buffer.from([6, 1]);

/** What a QR code of WhatsApp Web says. */
export interface QrContent {
  readonly ref: string;
  readonly noisePub: Buffer;
  readonly identityPub: Buffer;
  readonly advSecret: Buffer;
}

/** @throws {SyntaxError} If the text is not what WhatsApp Web shows as a QR code. */
export function readQr(qr: string): QrContent {
  const [ref, ...keys] = qr.slice(qr.indexOf("#") + 1).split(",");
  const [noisePub, identityPub, advSecret] = keys.map((key) => Buffer.from(key, "base64"));
  if (![noisePub, identityPub, advSecret].every((key) => key?.length === 32)) {
    throw new SyntaxError("Cannot read QR code: expected ref,noise key,identity key,secret[,platform]");
  }
  return { ref, noisePub, identityPub, advSecret };
}

/** The phone's signature under a companion's identity key: the content of `<device-identity>` in `pair-success`. */
export function signCompanion(
  phone: KeyPair,
  companion: Buffer,
  advSecret: Buffer,
  keyIndex: number,
): Buffer {
  const details = Buffer.from(
    proto.ADVDeviceIdentity.encode({
      rawId: randomInt(1, 2 ** 31),
      timestamp: unixSeconds(),
      keyIndex,
      accountType: proto.ADVEncryptionType.E2EE,
      deviceType: proto.ADVEncryptionType.E2EE,
    }).finish(),
  );
  const accountSignature = sign(phone.priv, Buffer.concat([ACCOUNT_SIGNATURE, details, companion]));
  const signed = { details, accountSignatureKey: phone.pub, accountSignature };
  const identity = Buffer.from(proto.ADVSignedDeviceIdentity.encode(signed).finish());
  const hmac = createHmac("sha256", advSecret).update(identity).digest();
  return Buffer.from(proto.ADVSignedDeviceIdentityHMAC.encode({ details: identity, hmac }).finish());
}

/**
 * Checks what the companion answers to `pair-success`, and attaches to every `pkmsg`.
 * @returns What is wrong with it, or undefined.
 */
export function deviceIdentityProblem(
  raw: Uint8Array,
  companion: Buffer,
  phoneKey: Buffer,
): string | undefined {
  const identity = proto.ADVSignedDeviceIdentity.decode(raw);
  const { details, accountSignature, accountSignatureKey, deviceSignature } = identity;
  if (accountSignatureKey?.length && !Buffer.from(accountSignatureKey).equals(phoneKey)) {
    return "account signature key is not the phone's";
  }
  if (!details?.length || !accountSignature?.length || !deviceSignature?.length) {
    return "device identity is not complete";
  }
  const account = Buffer.concat([ACCOUNT_SIGNATURE, details, companion]);
  if (!verify(phoneKey, account, accountSignature)) return "account signature is invalid";
  const device = Buffer.concat([DEVICE_SIGNATURE, details, companion, phoneKey]);
  return verify(companion, device, deviceSignature) ? undefined : "device signature is invalid";
}
