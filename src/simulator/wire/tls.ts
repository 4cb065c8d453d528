// A throw-away certificate authority and a certificate for 127.0.0.1, written as DER by hand: Baileys uploads media
// over https only, and a test network cannot have a certificate that anybody trusts.
import { Buffer } from "node:buffer";
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import type { Secrets } from "./seed.ts";

/** PEM texts: what the https host serves, and the authority that a client must trust to talk to it. */
export interface TlsIdentity {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

const EC_DSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const KEY_USAGE = oid("551d0f");
const BASIC_CONSTRAINTS = oid("551d13");
const SUBJECT_ALT_NAME = oid("551d11");
const LOOPBACK = Buffer.from([127, 0, 0, 1]);

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), body]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
}

function time(year: number): Buffer {
  return der(0x18, Buffer.from(`${year}0101000000Z`));
}

function extension(id: Buffer, critical: boolean, value: Buffer): Buffer {
  return sequence(id, ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function bitString(unusedBits: number, data: Uint8Array): Buffer {
  return der(0x03, Buffer.from([unusedBits]), data);
}

function randomBytesFor(_purpose: string, length: number): Buffer {
  return randomBytes(length);
}

interface CertificateParts {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** An X.509 v3 certificate (RFC 5280), signed with ECDSA P-256 and SHA-256, valid from 2020 to 2120. */
function certificate({ subject, publicKey, issuer, issuerKey, extensions }: CertificateParts): string {
  const serial = randomBytes(8);
  serial[0] = (serial[0] & 0x7f) | 0x40; // positive, and in its shortest form
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    EC_DSA_SHA256,
    name(issuer),
    sequence(time(2020), time(2120)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signed = sequence(toSign, EC_DSA_SHA256, bitString(0, sign("sha256", toSign, issuerKey)));
  const lines = signed.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** The P-256 key pair with this secret: 32 bytes. */
function pairOf(secret: Buffer): Pair {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey(); // 4, x, y
  const [d, x, y] = [secret, point.subarray(1, 33), point.subarray(33)].map((part) =>
    part.toString("base64url")
  );
  const privateKey = createPrivateKey({ key: { kty: "EC", crv: "P-256", d, x, y }, format: "jwk" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/**
 * Makes an authority and a certificate of it for 127.0.0.1 and these names. Takes a few milliseconds.
 * @param secrets Makes the same authority every time: a client that trusted it once trusts it again. Its certificate
 * differs in the signature only, which nobody checks of an authority that they trust.
 */
export function createTlsIdentity(
  names: readonly string[] = ["localhost"],
  secrets: Secrets = randomBytesFor,
): TlsIdentity {
  const authority = pairOf(secrets("tls authority", 32));
  const host = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issuer = `Kabar simulator CA ${secrets("tls authority name", 4).toString("hex")}`;
  const issued = { issuer, issuerKey: authority.privateKey };
  const caPem = certificate({
    ...issued,
    subject: issuer,
    publicKey: authority.publicKey,
    extensions: [
      extension(BASIC_CONSTRAINTS, true, sequence(der(0x01, Buffer.from([0xff])))),
      extension(KEY_USAGE, true, bitString(1, Buffer.from([0x06]))), // sign certificates and revocation lists
    ],
  });
  const served = sequence(der(0x87, LOOPBACK), ...names.map((host) => der(0x82, Buffer.from(host))));
  const certPem = certificate({
    ...issued,
    subject: "127.0.0.1",
    publicKey: host.publicKey,
    extensions: [
      extension(BASIC_CONSTRAINTS, true, sequence()),
      extension(SUBJECT_ALT_NAME, false, served),
    ],
  });
  const keyPem = host.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { certPem, keyPem, caPem };
}
