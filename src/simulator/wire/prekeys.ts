// A device's public key material, as the key server hands it out and as retry receipts carry it.
import { Buffer } from "node:buffer";
import { bigEndian } from "./keys.ts";
import { type BinaryNode, bytes, child, node } from "./nodes.ts";

/** A signed prekey: `pub` 32 bytes, `signature` 64. */
export interface SignedPreKey {
  readonly id: number;
  readonly pub: Buffer;
  readonly signature: Buffer;
}

/** What somebody needs to start a Signal session with a device. */
export interface PreKeyBundle {
  readonly registrationId: number;
  readonly identity: Buffer;
  readonly signedPreKey: SignedPreKey;
  /** One-time prekey; missing when the device has none left. */
  readonly preKey?: { readonly id: number; readonly pub: Buffer };
}

export function readKeyId(key: BinaryNode | undefined): number {
  return bytes(child(key, "id")).readUIntBE(0, 3);
}

export function readSignedPreKey(skey: BinaryNode | undefined): SignedPreKey {
  return {
    id: readKeyId(skey),
    pub: bytes(child(skey, "value")),
    signature: bytes(child(skey, "signature")),
  };
}

/** The `<user>` of an answered key query. */
export function bundleToNode(jid: string, bundle: PreKeyBundle): BinaryNode {
  const registration = node("registration", {}, bigEndian(bundle.registrationId, 4));
  return node("user", { jid }, [registration, ...bundleContent(bundle)]);
}

/** A bundle's keys: what an answered key query and a retry receipt say of them. */
export function bundleContent({ identity, signedPreKey, preKey }: PreKeyBundle): BinaryNode[] {
  const key = (tag: string, id: number, pub: Buffer, signature?: Buffer) =>
    node(tag, {}, [
      node("id", {}, bigEndian(id, 3)),
      node("value", {}, pub),
      ...(signature ? [node("signature", {}, signature)] : []),
    ]);
  return [
    node("type", {}, Buffer.from([5])),
    node("identity", {}, identity),
    key("skey", signedPreKey.id, signedPreKey.pub, signedPreKey.signature),
    ...(preKey ? [key("key", preKey.id, preKey.pub)] : []),
  ];
}

/** Reads the `<keys>` of a retry receipt. */
export function bundleFromNode(keys: BinaryNode, registrationId: number): PreKeyBundle {
  const key = child(keys, "key");
  return {
    registrationId,
    identity: bytes(child(keys, "identity")),
    signedPreKey: readSignedPreKey(child(keys, "skey")),
    preKey: key && { id: readKeyId(key), pub: bytes(child(key, "value")) },
  };
}
