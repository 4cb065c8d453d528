// The server's side of Noise_XX_25519_AESGCM_SHA256 with WhatsApp's framing: the prologue "WA" 6 3 (after an "ED"
// edge-routing block, if the server once gave one), then frames of a 3-byte length and a payload. Three handshake
// protobufs, then AES-256-GCM transport frames.
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import type { ServerIdentity } from "./certificate.ts";
import { agree, type KeyPair, newKeyPair } from "./keys.ts";

// exactly 32 bytes, so it is the first hash itself
const PROTOCOL_NAME = Buffer.from("Noise_XX_25519_AESGCM_SHA256\0\0\0\0");
const PROLOGUE = Buffer.from([0x57, 0x41, 6, 3]);
const NONE = Buffer.alloc(0);
const TAG_BYTES = 16;

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

function seal(key: Uint8Array, counter: number, plain: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce(counter));
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, counter: number, sealed: Uint8Array, aad: Uint8Array): Buffer {
  const body = sealed.subarray(0, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce(counter));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

/** A frame as it goes over the WebSocket. */
export function frameOf(payload: Uint8Array): Buffer {
  const out = Buffer.alloc(3 + payload.length);
  out.writeUIntBE(payload.length, 0, 3);
  out.set(payload, 3);
  return out;
}

/** Cuts a byte stream into frames; knows the prologue that comes before the first one. */
class FrameReader {
  #inbox: Buffer = NONE;
  #sawPrologue = false;
  routingInfo: Buffer | undefined;

  /** @throws {Error} If the stream does not begin as WhatsApp's does. */
  push(data: Uint8Array): Buffer[] {
    this.#inbox = this.#inbox.length > 0 ? Buffer.concat([this.#inbox, data]) : Buffer.from(data);
    if (!this.#sawPrologue && !this.#readPrologue()) return [];
    const frames: Buffer[] = [];
    while (this.#inbox.length >= 3) {
      const size = this.#inbox.readUIntBE(0, 3);
      if (this.#inbox.length < size + 3) break;
      frames.push(this.#inbox.subarray(3, 3 + size));
      this.#inbox = this.#inbox.subarray(3 + size);
    }
    return frames;
  }

  #readPrologue(): boolean {
    if (this.#inbox.length < 4) return false;
    if (this.#inbox.subarray(0, 2).toString() === "ED") {
      if (this.#inbox.length < 7) return false;
      const length = this.#inbox.readUIntBE(4, 3);
      if (this.#inbox.length < 7 + length + 4) return false;
      this.routingInfo = Buffer.from(this.#inbox.subarray(7, 7 + length));
      this.#inbox = this.#inbox.subarray(7 + length);
    }
    if (!this.#inbox.subarray(0, 4).equals(PROLOGUE)) {
      throw new Error("Cannot read frames: not a WhatsApp prologue");
    }
    this.#inbox = this.#inbox.subarray(4);
    return this.#sawPrologue = true;
  }
}

/** One handshake and the transport that follows it, seen from the server. */
export class NoiseResponder {
  readonly #identity: ServerIdentity;
  readonly #reader = new FrameReader();
  readonly #ephemeral: KeyPair = newKeyPair();
  #hash: Buffer = PROTOCOL_NAME;
  #chain: Buffer = PROTOCOL_NAME;
  #key: Buffer = PROTOCOL_NAME;
  #counter = 0;
  #saidHello = false;
  #transport: { readonly send: Buffer; readonly receive: Buffer } | undefined;
  #sent = 0;
  #received = 0;

  constructor(identity: ServerIdentity) {
    this.#identity = identity;
  }

  get saidHello(): boolean {
    return this.#saidHello;
  }

  /** The handshake is over: encrypt and decrypt work. */
  get ready(): boolean {
    return this.#transport !== undefined;
  }

  /** The edge-routing info that the client sent back to us, if any. */
  get routingInfo(): Buffer | undefined {
    return this.#reader.routingInfo;
  }

  /** Takes received bytes; returns the frames that are complete, still encrypted. */
  frames(data: Uint8Array): Buffer[] {
    return this.#reader.push(data);
  }

  /** First handshake message in, second out. */
  answerHello(frame: Uint8Array): Buffer {
    const theirs = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (!theirs) throw new Error("Cannot shake hands: no client hello");
    this.#saidHello = true;
    this.#mixHash(PROLOGUE);
    this.#mixHash(theirs);
    this.#mixHash(this.#ephemeral.pub);
    this.#mixKey(agree(this.#ephemeral.priv, theirs));
    const sealedStatic = this.#encryptAndHash(this.#identity.staticKey.pub);
    this.#mixKey(agree(this.#identity.staticKey.priv, theirs));
    const payload = this.#encryptAndHash(this.#identity.certChain);
    const serverHello = { ephemeral: this.#ephemeral.pub, static: sealedStatic, payload };
    return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
  }

  /** Third handshake message in: yields the client's static key and what it says about itself. */
  acceptFinish(frame: Uint8Array): { readonly clientStatic: Buffer; readonly payload: proto.ClientPayload } {
    const { clientFinish } = proto.HandshakeMessage.decode(frame);
    if (!clientFinish?.static || !clientFinish.payload) {
      throw new Error("Cannot shake hands: no client finish");
    }
    const clientStatic = this.#decryptAndHash(clientFinish.static);
    this.#mixKey(agree(this.#ephemeral.priv, clientStatic));
    const payload = proto.ClientPayload.decode(this.#decryptAndHash(clientFinish.payload));
    const [receive, send] = this.#expand(NONE);
    this.#transport = { send, receive };
    return { clientStatic, payload };
  }

  encrypt(plain: Uint8Array): Buffer {
    return seal(this.#keys().send, this.#sent++, plain, NONE);
  }

  decrypt(frame: Uint8Array): Buffer {
    return open(this.#keys().receive, this.#received++, frame, NONE);
  }

  #keys() {
    if (this.#transport === undefined) throw new Error("Cannot use the line: the handshake is not over");
    return this.#transport;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash("sha256").update(this.#hash).update(data).digest();
  }

  #expand(input: Uint8Array): [Buffer, Buffer] {
    const out = Buffer.from(hkdfSync("sha256", input, this.#chain, NONE, 64));
    return [out.subarray(0, 32), out.subarray(32)];
  }

  #mixKey(input: Uint8Array): void {
    [this.#chain, this.#key] = this.#expand(input);
    this.#counter = 0;
  }

  #encryptAndHash(plain: Uint8Array): Buffer {
    const sealed = seal(this.#key, this.#counter++, plain, this.#hash);
    this.#mixHash(sealed);
    return sealed;
  }

  #decryptAndHash(sealed: Uint8Array): Buffer {
    const plain = open(this.#key, this.#counter++, sealed, this.#hash);
    this.#mixHash(sealed);
    return plain;
  }
}
