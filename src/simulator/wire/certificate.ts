// What the simulated server proves itself with in the Noise handshake.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import { type KeyPair, keyPairOf, newKeyPair, sign } from "./keys.ts";
import type { Secrets } from "./seed.ts";

const VALIDITY = { notBefore: 1_600_000_000, notAfter: 4_000_000_000 };

/** The keys and the certificate chain of a server: root → intermediate → leaf, whose key is `staticKey`. */
export interface ServerIdentity {
  readonly root: KeyPair;
  readonly staticKey: KeyPair;
  /** A `CertChain` protobuf, as sealed in the server hello. */
  readonly certChain: Buffer;
}

/**
 * Makes an identity, a throw-away one unless it is given secrets. A client accepts it when it takes `root.pub` as the
 * certificate root.
 */
export function createServerIdentity(secrets?: Secrets): ServerIdentity {
  const { Details } = proto.CertChain.NoiseCertificate;
  const [root, intermediate, staticKey] = ["root", "intermediate", "static"].map((purpose) =>
    secrets === undefined ? newKeyPair() : keyPairOf(secrets(`noise ${purpose}`, 32))
  );
  const middle = Details.encode({ serial: 1, issuerSerial: 0, key: intermediate.pub, ...VALIDITY }).finish();
  const leaf = Details.encode({ serial: 2, issuerSerial: 1, key: staticKey.pub, ...VALIDITY }).finish();
  const certChain = proto.CertChain.encode({
    intermediate: { details: middle, signature: sign(root.priv, middle) },
    leaf: { details: leaf, signature: sign(intermediate.priv, leaf) },
  }).finish();
  return { root, staticKey, certChain: Buffer.from(certChain) };
}
