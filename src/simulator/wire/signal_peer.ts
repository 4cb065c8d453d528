// A Signal participant inside the simulator: a contact's phone, or the phone that a device is linked to.
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyName,
  SenderKeyRecord,
} from "@whiskeysockets/baileys/lib/Signal/Group/index.js";
import { ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord } from "libsignal";
import { type KeyPair, newKeyPair, sign, typed } from "./keys.ts";
import type { PreKeyBundle } from "./prekeys.ts";

/** The keys of a stored session that what comes next is derived from. */
const KEYS_IN_SESSION = /"(rootKey|key)":"[^"]*"/g;
/** How the names of one's own sender keys end: a phone is device 0. */
const OWN_DEVICE = "::0";
const WRONG_KEY = Buffer.alloc(32, 1).toString("base64");

/** An encrypted message, with the type that its `<enc>` states. */
export interface Sealed {
  readonly type: "pkmsg" | "msg";
  readonly ciphertext: Buffer;
}

/** A message, encoded unless it is bytes already, with 1 to 16 bytes of padding that each hold their count. */
export function pad(message: proto.IMessage | Uint8Array): Buffer {
  const body = message instanceof Uint8Array ? message : proto.Message.encode(message).finish();
  const count = (randomBytes(1)[0] & 15) + 1;
  return Buffer.concat([body, Buffer.alloc(count, count)]);
}

/** @throws {Error} If the padding is wrong: the client encrypted something else. */
export function unpad(padded: Uint8Array): proto.Message {
  const count = padded[padded.length - 1];
  if (count < 1 || count > 16 || count > padded.length) {
    throw new Error(`Cannot remove padding: ${count} bytes`);
  }
  return proto.Message.decode(padded.subarray(0, padded.length - count));
}

function newRegistrationId(): number {
  return randomBytes(2).readUInt16BE(0) & 16383;
}

function address(user: string, device: number): ProtocolAddress {
  return new ProtocolAddress(user, device);
}

export class SignalPeer {
  #registrationId = newRegistrationId();
  #identity: KeyPair = newKeyPair();
  #signedPreKey: KeyPair = newKeyPair();
  #signature: Buffer | undefined;
  #nextPreKey = 1;
  readonly #preKeys = new Map<number, KeyPair>();
  readonly #sessions = new Map<string, Uint8Array>();
  readonly #senderKeys = new Map<string, string>();
  /** Encrypting and decrypting with one session must not overlap. */
  readonly #queues = new Map<string, Promise<unknown>>();

  // libsignal's SignalStorage, and the sender-key store of Baileys
  readonly #store = {
    loadSession: (id: string) => {
      const serialized = this.#sessions.get(id);
      return Promise.resolve(serialized && SessionRecord.deserialize(serialized));
    },
    storeSession: (id: string, record: SessionRecord) => {
      this.#sessions.set(id, record.serialize());
      return Promise.resolve();
    },
    isTrustedIdentity: () => true,
    loadPreKey: (id: number | string) => {
      const key = this.#preKeys.get(Number(id));
      return Promise.resolve(key && { privKey: key.priv, pubKey: typed(key.pub) });
    },
    removePreKey: (id: number) => void this.#preKeys.delete(Number(id)),
    loadSignedPreKey: () => ({ privKey: this.#signedPreKey.priv, pubKey: typed(this.#signedPreKey.pub) }),
    getOurRegistrationId: () => this.registrationId,
    getOurIdentity: () => ({ privKey: this.#identity.priv, pubKey: typed(this.#identity.pub) }),
    loadSenderKey: (name: SenderKeyName) => {
      const serialized = this.#senderKeys.get(name.toString());
      return Promise.resolve(
        serialized === undefined
          ? new SenderKeyRecord()
          : SenderKeyRecord.deserialize(Buffer.from(serialized)),
      );
    },
    storeSenderKey: (name: SenderKeyName, record: SenderKeyRecord) => {
      this.#senderKeys.set(name.toString(), JSON.stringify(record.serialize()));
      return Promise.resolve();
    },
  };

  get registrationId(): number {
    return this.#registrationId;
  }

  get identity(): KeyPair {
    return this.#identity;
  }

  /** A fresh bundle with a one-time prekey: what the server answers to a key query. */
  bundle(): PreKeyBundle {
    const id = this.#nextPreKey++;
    const pair = newKeyPair();
    this.#preKeys.set(id, pair);
    this.#signature ??= sign(this.#identity.priv, typed(this.#signedPreKey.pub));
    return {
      registrationId: this.registrationId,
      identity: this.#identity.pub,
      signedPreKey: { id: 1, pub: this.#signedPreKey.pub, signature: this.#signature },
      preKey: { id, pub: pair.pub },
    };
  }

  /** WhatsApp was installed anew: new identity, and nothing is left of the sessions. */
  reset(): void {
    this.#registrationId = newRegistrationId();
    this.#identity = newKeyPair();
    this.#signedPreKey = newKeyPair();
    this.#signature = undefined;
    for (const store of [this.#preKeys, this.#sessions, this.#senderKeys]) store.clear();
  }

  hasSession(user: string, device: number): boolean {
    return this.#sessions.has(`${user}.${device}`);
  }

  forget(user: string, device: number): void {
    this.#sessions.delete(`${user}.${device}`);
  }

  /** Gives a stored session a wrong key, as a fault of the disk does: nothing fits it from then on. */
  damage(user: string, device: number): void {
    const key = `${user}.${device}`;
    const stored = this.#sessions.get(key);
    if (stored === undefined) throw new Error(`Cannot damage the session with ${key}: there is none`);
    const text = JSON.stringify(stored);
    this.#sessions.set(
      key,
      JSON.parse(text.replaceAll(KEYS_IN_SESSION, (_, name) => `"${name}":"${WRONG_KEY}"`)),
    );
  }

  /** Forgets how to read what linked devices send to a group. */
  forgetSenderKeys(group: string): void {
    for (const name of this.#senderKeys.keys()) {
      if (name.startsWith(`${group}::`) && !name.endsWith(OWN_DEVICE)) this.#senderKeys.delete(name);
    }
  }

  async startSession(user: string, device: number, bundle: PreKeyBundle): Promise<void> {
    const { signedPreKey, preKey } = bundle;
    const session = {
      registrationId: bundle.registrationId,
      identityKey: typed(bundle.identity),
      signedPreKey: {
        keyId: signedPreKey.id,
        publicKey: typed(signedPreKey.pub),
        signature: signedPreKey.signature,
      },
      preKey: preKey && { keyId: preKey.id, publicKey: typed(preKey.pub) },
    };
    type Session = Parameters<SessionBuilder["initOutgoing"]>[0];
    // libsignal 6.0.0 works without a one-time prekey, but its types ask for one
    await new SessionBuilder(this.#store, address(user, device)).initOutgoing(session as Session);
  }

  /** Encrypts for a device; starts the session with `takeBundle()` when there is none. */
  seal(user: string, device: number, plain: Buffer, takeBundle: () => PreKeyBundle): Promise<Sealed> {
    return this.#inOrder(user, device, async () => {
      if (!this.hasSession(user, device)) await this.startSession(user, device, takeBundle());
      const { type, body } = await new SessionCipher(this.#store, address(user, device)).encrypt(plain);
      return { type: type === 3 ? "pkmsg" : "msg", ciphertext: Buffer.from(body, "binary") };
    });
  }

  /** @throws {Error} If the ciphertext does not fit the session, or its type is not of a pairwise message. */
  open(user: string, device: number, type: string, ciphertext: Buffer): Promise<Buffer> {
    return this.#inOrder(user, device, () => {
      const cipher = new SessionCipher(this.#store, address(user, device));
      if (type === "pkmsg") return cipher.decryptPreKeyWhisperMessage(ciphertext);
      if (type === "msg") return cipher.decryptWhisperMessage(ciphertext);
      throw new TypeError(`Cannot decrypt <enc type="${type}">`);
    });
  }

  /** Sender-key encryption: the `skmsg`, and the distribution message that its readers need first. */
  async sealForGroup(group: string, user: string, plain: Buffer) {
    const name = new SenderKeyName(group, address(user, 0));
    const distribution = await new GroupSessionBuilder(this.#store).create(name);
    const ciphertext = await new GroupCipher(this.#store, name).encrypt(plain);
    return { ciphertext: Buffer.from(ciphertext), distribution: Buffer.from(distribution.serialize()) };
  }

  async learnSenderKey(group: string, user: string, device: number, distribution: Uint8Array): Promise<void> {
    const message = new SenderKeyDistributionMessage(null, null, null, null, distribution);
    await new GroupSessionBuilder(this.#store).process(
      new SenderKeyName(group, address(user, device)),
      message,
    );
  }

  async openFromGroup(group: string, user: string, device: number, ciphertext: Buffer): Promise<Buffer> {
    const name = new SenderKeyName(group, address(user, device));
    return Buffer.from(await new GroupCipher(this.#store, name).decrypt(ciphertext));
  }

  #inOrder<T>(user: string, device: number, work: () => Promise<T>): Promise<T> {
    const key = `${user}.${device}`;
    const result = (this.#queues.get(key) ?? Promise.resolve()).then(work);
    // the queue goes on after a failure, which the caller of `result` hears about
    this.#queues.set(key, result.then(() => {}, () => {}));
    return result;
  }
}
